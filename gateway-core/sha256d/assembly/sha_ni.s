# Written by generator.rs beside this file: `cargo run -p sluice-sha256d --example generate_assembly`.
# Not to be edited by hand; a test compares it with what is generated.
.section .rodata,"a",@progbits
.p2align 6
sluice_sha_ni_constants:
  .long 0x428a2f98,0x71374491,0xb5c0fbcf,0xe9b5dba5,0x3956c25b,0x59f111f1,0x923f82a4,0xab1c5ed5
  .long 0xd807aa98,0x12835b01,0x243185be,0x550c7dc3,0x72be5d74,0x80deb1fe,0x9bdc06a7,0xc19bf174
  .long 0xe49b69c1,0xefbe4786,0x0fc19dc6,0x240ca1cc,0x2de92c6f,0x4a7484aa,0x5cb0a9dc,0x76f988da
  .long 0x983e5152,0xa831c66d,0xb00327c8,0xbf597fc7,0xc6e00bf3,0xd5a79147,0x06ca6351,0x14292967
  .long 0x27b70a85,0x2e1b2138,0x4d2c6dfc,0x53380d13,0x650a7354,0x766a0abb,0x81c2c92e,0x92722c85
  .long 0xa2bfe8a1,0xa81a664b,0xc24b8b70,0xc76c51a3,0xd192e819,0xd6990624,0xf40e3585,0x106aa070
  .long 0x19a4c116,0x1e376c08,0x2748774c,0x34b0bcb5,0x391c0cb3,0x4ed8aa4a,0x5b9cca4f,0x682e6ff3
  .long 0x748f82ee,0x78a5636f,0x84c87814,0x8cc70208,0x90befffa,0xa4506ceb,0xbef9a3f7,0xc67178f2
.p2align 6
sluice_sha_ni_behind_pair:
  .long 0xc28a2f98,0x71374491,0xb5c0fbcf,0xe9b5dba5,0x3956c25b,0x59f111f1,0x923f82a4,0xab1c5ed5
  .long 0xd807aa98,0x12835b01,0x243185be,0x550c7dc3,0x72be5d74,0x80deb1fe,0x9bdc06a7,0xc19bf374
  .long 0x649b69c1,0xf0fe4786,0x0fe1edc6,0x240cf254,0x4fe9346f,0x6cc984be,0x61b9411e,0x16f988fa
  .long 0xf2c65152,0xa88e5a6d,0xb019fc65,0xb9d99ec7,0x9a1231c3,0xe70eeaa0,0xfdb1232b,0xc7353eb0
  .long 0x3069bad5,0xcb976d5f,0x5a0f118f,0xdc1eeefd,0x0a35b689,0xde0b7a04,0x58f4ca9d,0xe15d5b16
  .long 0x007f3e86,0x37088980,0xa507ea32,0x6fab9537,0x17406110,0x0d8cd6f1,0xcdaa3b6d,0xc0bbbe37
  .long 0x83613bda,0xdb48a363,0x0b02e931,0x6fd15ca7,0x521afaca,0x31338431,0x6ed41a95,0x6d437890
  .long 0xc39c91f2,0x9eccabbd,0xb5c9a0e6,0x532fb63c,0xd2c741c6,0x07237ea3,0xa4954b68,0x4c191d76
.p2align 6
sluice_sha_ni_initial:
  .long 0x9b05688c,0x510e527f,0xbb67ae85,0x6a09e667,0x5be0cd19,0x1f83d9ab,0xa54ff53a,0x3c6ef372
.p2align 6
sluice_sha_ni_behind_digest:
  .long 0x5807aa98,0x12835b01,0x243185be,0x550c7dc3,0x72be5d74,0x80deb1fe,0x9bdc06a7,0xc19bf274
  .long 0x80000000,0x00000000,0x00000000,0x00000000,0x00000000,0x00000000,0x00000000,0x00000100
  .long 0x00000000,0x00000000,0x00000000,0x00000000,0x80000000,0x00000000,0x00000000,0x00000000
.text
.globl sluice_sha_ni_fold_1
.hidden sluice_sha_ni_fold_1
.p2align 6
sluice_sha_ni_fold_1:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 128
  vmovdqu xmm0, [rdi+0]
  vmovdqa [rsp+0], xmm0
  vmovdqu xmm0, [rdi+16]
  vmovdqa [rsp+16], xmm0
  lea rcx, [rip+sluice_sha_ni_behind_pair]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  test rdx, rdx
  jz 9f
2:
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm4, [rsp+0]
  sha256msg1 xmm4, [rsp+16]
  vpaddd xmm4, xmm4, [rsi+64]
  sha256msg2 xmm4, [rsi+48]
  vmovdqa [rsp+0], xmm4
  vmovdqa xmm5, [rsp+16]
  sha256msg1 xmm5, [rsi+32]
  vpalignr xmm6, xmm4, [rsi+48], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm4
  vmovdqa [rsp+16], xmm5
  vpaddd xmm0, xmm4, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm6, xmm5, [rsp+0], 4
  vpaddd xmm6, xmm6, [rsi+80]
  sha256msg2 xmm6, xmm5
  vmovdqa [rsp+32], xmm6
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm7, [rsi+48]
  sha256msg1 xmm7, [rsp+0]
  vpalignr xmm8, xmm6, [rsp+16], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm6
  vmovdqa [rsp+48], xmm7
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+0]
  sha256msg1 xmm8, [rsp+16]
  vpalignr xmm9, xmm7, [rsp+32], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm7
  vmovdqa [rsp+0], xmm8
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+16]
  sha256msg1 xmm9, [rsp+32]
  vpalignr xmm10, xmm8, [rsp+48], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm8
  vmovdqa [rsp+16], xmm9
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+32]
  sha256msg1 xmm10, [rsp+48]
  vpalignr xmm11, xmm9, [rsp+0], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm9
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+48]
  sha256msg1 xmm11, [rsp+0]
  vpalignr xmm12, xmm10, [rsp+16], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm10
  vmovdqa [rsp+48], xmm11
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+0]
  sha256msg1 xmm12, [rsp+16]
  vpalignr xmm13, xmm11, [rsp+32], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm11
  vmovdqa [rsp+0], xmm12
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+16]
  sha256msg1 xmm13, [rsp+32]
  vpalignr xmm14, xmm12, [rsp+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm12
  vmovdqa [rsp+16], xmm13
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+32]
  sha256msg1 xmm14, [rsp+48]
  vpalignr xmm15, xmm13, [rsp+0], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm13
  vmovdqa [rsp+32], xmm14
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+48]
  sha256msg1 xmm15, [rsp+0]
  vpalignr xmm3, xmm14, [rsp+16], 4
  vpaddd xmm15, xmm15, xmm3
  sha256msg2 xmm15, xmm14
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa [rsp+64], xmm1
  vmovdqa [rsp+80], xmm2
  vmovdqu xmm0, [rcx+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+8]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+24]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+32]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+40]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+48]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+56]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+72]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+88]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+104]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+120]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+136]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+152]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+168]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+184]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+200]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+216]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+232]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rcx+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rcx+248]
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm1, xmm1, [rsp+64]
  vpaddd xmm2, xmm2, [rsp+80]
  vpshufd xmm3, xmm1, 0x1b
  vpshufd xmm4, xmm2, 0xb1
  vpblendw xmm0, xmm3, xmm4, 0xf0
  vpalignr xmm4, xmm4, xmm3, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm4
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm3, [rsp+0]
  sha256msg1 xmm3, [rsp+16]
  vpaddd xmm3, xmm3, [r8+64]
  sha256msg2 xmm3, [r8+48]
  vmovdqa [rsp+0], xmm3
  vmovdqa xmm4, [rsp+16]
  sha256msg1 xmm4, [r8+32]
  vpalignr xmm5, xmm3, [r8+48], 4
  vpaddd xmm4, xmm4, xmm5
  sha256msg2 xmm4, xmm3
  vmovdqa [rsp+16], xmm4
  vpaddd xmm0, xmm3, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm5, xmm4, [rsp+0], 4
  vpaddd xmm5, xmm5, [r8+80]
  sha256msg2 xmm5, xmm4
  vmovdqa [rsp+32], xmm5
  vpaddd xmm0, xmm4, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm6, [r8+48]
  sha256msg1 xmm6, [rsp+0]
  vpalignr xmm7, xmm5, [rsp+16], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm5
  vmovdqa [rsp+48], xmm6
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm7, [rsp+0]
  sha256msg1 xmm7, [rsp+16]
  vpalignr xmm8, xmm6, [rsp+32], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm6
  vmovdqa [rsp+0], xmm7
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+16]
  sha256msg1 xmm8, [rsp+32]
  vpalignr xmm9, xmm7, [rsp+48], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm7
  vmovdqa [rsp+16], xmm8
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+32]
  sha256msg1 xmm9, [rsp+48]
  vpalignr xmm10, xmm8, [rsp+0], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm8
  vmovdqa [rsp+32], xmm9
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm9, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm9
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+0]
  sha256msg1 xmm11, [rsp+16]
  vpalignr xmm12, xmm10, [rsp+32], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm10
  vmovdqa [rsp+0], xmm11
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+16]
  sha256msg1 xmm12, [rsp+32]
  vpalignr xmm13, xmm11, [rsp+48], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm11
  vmovdqa [rsp+16], xmm12
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+32]
  sha256msg1 xmm13, [rsp+48]
  vpalignr xmm14, xmm12, [rsp+0], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm12
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+48]
  sha256msg1 xmm14, [rsp+0]
  vpalignr xmm15, xmm13, [rsp+16], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm13
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm15, xmm1, 0x1b
  vpshufd xmm3, xmm2, 0xb1
  vpblendw xmm0, xmm15, xmm3, 0xf0
  vpalignr xmm3, xmm3, xmm15, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm3
  add rsi, 128
  dec rdx
  jnz 2b
9:
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_1
.hidden sluice_sha_ni_compress_1
.p2align 6
sluice_sha_ni_compress_1:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 128
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqa [rsp+64], xmm1
  vmovdqa [rsp+80], xmm2
  vmovdqu xmm15, [rsi+0]
  vmovdqa [rsp+0], xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm15, [rsi+16]
  vmovdqa [rsp+16], xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm15, [rsi+32]
  vmovdqa [rsp+32], xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm14, [rsi+48]
  vmovdqa [rsp+48], xmm14
  vmovdqa xmm15, [rsp+0]
  sha256msg1 xmm15, [rsp+16]
  vpalignr xmm3, xmm14, [rsp+32], 4
  vpaddd xmm15, xmm15, xmm3
  sha256msg2 xmm15, xmm14
  vmovdqa [rsp+0], xmm15
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm3, [rsp+16]
  sha256msg1 xmm3, [rsp+32]
  vpalignr xmm4, xmm15, [rsp+48], 4
  vpaddd xmm3, xmm3, xmm4
  sha256msg2 xmm3, xmm15
  vmovdqa [rsp+16], xmm3
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm4, [rsp+32]
  sha256msg1 xmm4, [rsp+48]
  vpalignr xmm5, xmm3, [rsp+0], 4
  vpaddd xmm4, xmm4, xmm5
  sha256msg2 xmm4, xmm3
  vmovdqa [rsp+32], xmm4
  vpaddd xmm0, xmm3, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm5, [rsp+48]
  sha256msg1 xmm5, [rsp+0]
  vpalignr xmm6, xmm4, [rsp+16], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm4
  vmovdqa [rsp+48], xmm5
  vpaddd xmm0, xmm4, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm6, [rsp+0]
  sha256msg1 xmm6, [rsp+16]
  vpalignr xmm7, xmm5, [rsp+32], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm5
  vmovdqa [rsp+0], xmm6
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm7, [rsp+16]
  sha256msg1 xmm7, [rsp+32]
  vpalignr xmm8, xmm6, [rsp+48], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm6
  vmovdqa [rsp+16], xmm7
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+32]
  sha256msg1 xmm8, [rsp+48]
  vpalignr xmm9, xmm7, [rsp+0], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm7
  vmovdqa [rsp+32], xmm8
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+48]
  sha256msg1 xmm9, [rsp+0]
  vpalignr xmm10, xmm8, [rsp+16], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm8
  vmovdqa [rsp+48], xmm9
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpalignr xmm11, xmm9, [rsp+32], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm9
  vmovdqa [rsp+0], xmm10
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+16]
  sha256msg1 xmm11, [rsp+32]
  vpalignr xmm12, xmm10, [rsp+48], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm10
  vmovdqa [rsp+16], xmm11
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+32]
  sha256msg1 xmm12, [rsp+48]
  vpalignr xmm13, xmm11, [rsp+0], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm11
  vmovdqa [rsp+32], xmm12
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm12, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm12
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm1, xmm1, [rsp+64]
  vpaddd xmm2, xmm2, [rsp+80]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_constant_1
.hidden sluice_sha_ni_compress_constant_1
.p2align 6
sluice_sha_ni_compress_constant_1:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 128
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqa [rsp+64], xmm1
  vmovdqa [rsp+80], xmm2
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+32]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+40]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+48]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+56]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+72]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+88]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+104]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+120]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+136]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+152]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+168]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+184]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+200]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+216]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+232]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [rsi+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [rsi+248]
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm1, xmm1, [rsp+64]
  vpaddd xmm2, xmm2, [rsp+80]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_hash_digests_1
.hidden sluice_sha_ni_hash_digests_1
.p2align 6
sluice_sha_ni_hash_digests_1:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 128
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  vpshufd xmm14, xmm1, 0x1b
  vpshufd xmm15, xmm2, 0xb1
  vpblendw xmm0, xmm14, xmm15, 0xf0
  vpalignr xmm15, xmm15, xmm14, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm15
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+0]
  sha256msg1 xmm14, [rsp+16]
  vpaddd xmm14, xmm14, [r8+64]
  sha256msg2 xmm14, [r8+48]
  vmovdqa [rsp+0], xmm14
  vmovdqa xmm15, [rsp+16]
  sha256msg1 xmm15, [r8+32]
  vpalignr xmm3, xmm14, [r8+48], 4
  vpaddd xmm15, xmm15, xmm3
  sha256msg2 xmm15, xmm14
  vmovdqa [rsp+16], xmm15
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm3, xmm15, [rsp+0], 4
  vpaddd xmm3, xmm3, [r8+80]
  sha256msg2 xmm3, xmm15
  vmovdqa [rsp+32], xmm3
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm4, [r8+48]
  sha256msg1 xmm4, [rsp+0]
  vpalignr xmm5, xmm3, [rsp+16], 4
  vpaddd xmm4, xmm4, xmm5
  sha256msg2 xmm4, xmm3
  vmovdqa [rsp+48], xmm4
  vpaddd xmm0, xmm3, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm5, [rsp+0]
  sha256msg1 xmm5, [rsp+16]
  vpalignr xmm6, xmm4, [rsp+32], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm4
  vmovdqa [rsp+0], xmm5
  vpaddd xmm0, xmm4, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm6, [rsp+16]
  sha256msg1 xmm6, [rsp+32]
  vpalignr xmm7, xmm5, [rsp+48], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm5
  vmovdqa [rsp+16], xmm6
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm7, [rsp+32]
  sha256msg1 xmm7, [rsp+48]
  vpalignr xmm8, xmm6, [rsp+0], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm6
  vmovdqa [rsp+32], xmm7
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+48]
  sha256msg1 xmm8, [rsp+0]
  vpalignr xmm9, xmm7, [rsp+16], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm7
  vmovdqa [rsp+48], xmm8
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+0]
  sha256msg1 xmm9, [rsp+16]
  vpalignr xmm10, xmm8, [rsp+32], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm8
  vmovdqa [rsp+0], xmm9
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsp+32]
  vpalignr xmm11, xmm9, [rsp+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm9
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+32]
  sha256msg1 xmm11, [rsp+48]
  vpalignr xmm12, xmm10, [rsp+0], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm10
  vmovdqa [rsp+32], xmm11
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+48]
  sha256msg1 xmm12, [rsp+0]
  vpalignr xmm13, xmm11, [rsp+16], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm13, xmm1, 0x1b
  vpshufd xmm14, xmm2, 0xb1
  vpblendw xmm0, xmm13, xmm14, 0xf0
  vpalignr xmm14, xmm14, xmm13, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm14
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_fold_2
.hidden sluice_sha_ni_fold_2
.p2align 6
sluice_sha_ni_fold_2:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 192
  vmovdqu xmm0, [rdi+0]
  vmovdqa [rsp+0], xmm0
  vmovdqu xmm0, [rdi+16]
  vmovdqa [rsp+16], xmm0
  vmovdqu xmm0, [rdi+32]
  vmovdqa [rsp+64], xmm0
  vmovdqu xmm0, [rdi+48]
  vmovdqa [rsp+80], xmm0
  lea rcx, [rip+sluice_sha_ni_behind_pair]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  test rdx, rdx
  jz 9f
2:
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm7, [rsp+0]
  sha256msg1 xmm7, [rsp+16]
  vpaddd xmm7, xmm7, [rsi+64]
  sha256msg2 xmm7, [rsi+48]
  vmovdqa [rsp+0], xmm7
  vmovdqa xmm8, [rsp+64]
  sha256msg1 xmm8, [rsp+80]
  vpaddd xmm8, xmm8, [rsi+64]
  sha256msg2 xmm8, [rsi+48]
  vmovdqa [rsp+64], xmm8
  vmovdqa xmm9, [rsp+16]
  sha256msg1 xmm9, [rsi+32]
  vpalignr xmm10, xmm7, [rsi+48], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vmovdqa [rsp+16], xmm9
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+80]
  sha256msg1 xmm10, [rsi+32]
  vpalignr xmm11, xmm8, [rsi+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vmovdqa [rsp+80], xmm10
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm11, xmm9, [rsp+0], 4
  vpaddd xmm11, xmm11, [rsi+80]
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+32], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm12, xmm10, [rsp+64], 4
  vpaddd xmm12, xmm12, [rsi+80]
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+96], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsi+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm11, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm11
  vmovdqa [rsp+48], xmm13
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsi+48]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm12, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm12
  vmovdqa [rsp+112], xmm14
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+0]
  sha256msg1 xmm15, [rsp+16]
  vpalignr xmm5, xmm13, [rsp+32], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+0], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm5, [rsp+64]
  sha256msg1 xmm5, [rsp+80]
  vpalignr xmm6, xmm14, [rsp+96], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+64], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm6, [rsp+16]
  sha256msg1 xmm6, [rsp+32]
  vpalignr xmm7, xmm15, [rsp+48], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+16], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm7, [rsp+80]
  sha256msg1 xmm7, [rsp+96]
  vpalignr xmm8, xmm5, [rsp+112], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm5
  vmovdqa [rsp+80], xmm7
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm8, [rsp+32]
  sha256msg1 xmm8, [rsp+48]
  vpalignr xmm9, xmm6, [rsp+0], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vmovdqa [rsp+32], xmm8
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+96]
  sha256msg1 xmm9, [rsp+112]
  vpalignr xmm10, xmm7, [rsp+64], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vmovdqa [rsp+96], xmm9
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm8, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+112]
  sha256msg1 xmm11, [rsp+64]
  vpalignr xmm12, xmm9, [rsp+80], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+112], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+0]
  sha256msg1 xmm12, [rsp+16]
  vpalignr xmm13, xmm10, [rsp+32], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+0], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+64]
  sha256msg1 xmm13, [rsp+80]
  vpalignr xmm14, xmm11, [rsp+96], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm11
  vmovdqa [rsp+64], xmm13
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+16]
  sha256msg1 xmm14, [rsp+32]
  vpalignr xmm15, xmm12, [rsp+48], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm12
  vmovdqa [rsp+16], xmm14
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+80]
  sha256msg1 xmm15, [rsp+96]
  vpalignr xmm5, xmm13, [rsp+112], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+80], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm5, [rsp+32]
  sha256msg1 xmm5, [rsp+48]
  vpalignr xmm6, xmm14, [rsp+0], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+32], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm6, [rsp+96]
  sha256msg1 xmm6, [rsp+112]
  vpalignr xmm7, xmm15, [rsp+64], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+96], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm7, [rsp+48]
  sha256msg1 xmm7, [rsp+0]
  vpalignr xmm8, xmm5, [rsp+16], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm5
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+112]
  sha256msg1 xmm8, [rsp+64]
  vpalignr xmm9, xmm6, [rsp+80], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa [rsp+128], xmm1
  vmovdqa [rsp+144], xmm2
  vmovdqa [rsp+160], xmm3
  vmovdqa [rsp+176], xmm4
  vmovdqu xmm0, [rcx+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+32]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+40]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+48]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+56]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+64]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+72]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+80]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+88]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+96]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+104]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+112]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+120]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+128]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+136]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+144]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+152]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+160]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+168]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+176]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+184]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+192]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+200]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+208]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+216]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+224]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+232]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rcx+240]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rcx+248]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm1, xmm1, [rsp+128]
  vpaddd xmm2, xmm2, [rsp+144]
  vpaddd xmm3, xmm3, [rsp+160]
  vpaddd xmm4, xmm4, [rsp+176]
  vpshufd xmm9, xmm1, 0x1b
  vpshufd xmm10, xmm2, 0xb1
  vpblendw xmm0, xmm9, xmm10, 0xf0
  vpalignr xmm10, xmm10, xmm9, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm10
  vpshufd xmm9, xmm3, 0x1b
  vpshufd xmm10, xmm4, 0xb1
  vpblendw xmm0, xmm9, xmm10, 0xf0
  vpalignr xmm10, xmm10, xmm9, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm10
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+0]
  sha256msg1 xmm9, [rsp+16]
  vpaddd xmm9, xmm9, [r8+64]
  sha256msg2 xmm9, [r8+48]
  vmovdqa [rsp+0], xmm9
  vmovdqa xmm10, [rsp+64]
  sha256msg1 xmm10, [rsp+80]
  vpaddd xmm10, xmm10, [r8+64]
  sha256msg2 xmm10, [r8+48]
  vmovdqa [rsp+64], xmm10
  vmovdqa xmm11, [rsp+16]
  sha256msg1 xmm11, [r8+32]
  vpalignr xmm12, xmm9, [r8+48], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+16], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+80]
  sha256msg1 xmm12, [r8+32]
  vpalignr xmm13, xmm10, [r8+48], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+80], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm13, xmm11, [rsp+0], 4
  vpaddd xmm13, xmm13, [r8+80]
  sha256msg2 xmm13, xmm11
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm14, xmm12, [rsp+64], 4
  vpaddd xmm14, xmm14, [r8+80]
  sha256msg2 xmm14, xmm12
  vmovdqa [rsp+96], xmm14
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [r8+48]
  sha256msg1 xmm15, [rsp+0]
  vpalignr xmm5, xmm13, [rsp+16], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+48], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm5, [r8+48]
  sha256msg1 xmm5, [rsp+64]
  vpalignr xmm6, xmm14, [rsp+80], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+112], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm6, [rsp+0]
  sha256msg1 xmm6, [rsp+16]
  vpalignr xmm7, xmm15, [rsp+32], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+0], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm7, [rsp+64]
  sha256msg1 xmm7, [rsp+80]
  vpalignr xmm8, xmm5, [rsp+96], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm5
  vmovdqa [rsp+64], xmm7
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm8, [rsp+16]
  sha256msg1 xmm8, [rsp+32]
  vpalignr xmm9, xmm6, [rsp+48], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vmovdqa [rsp+16], xmm8
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+80]
  sha256msg1 xmm9, [rsp+96]
  vpalignr xmm10, xmm7, [rsp+112], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vmovdqa [rsp+80], xmm9
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+32]
  sha256msg1 xmm10, [rsp+48]
  vpalignr xmm11, xmm8, [rsp+0], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+96]
  sha256msg1 xmm11, [rsp+112]
  vpalignr xmm12, xmm9, [rsp+64], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+48]
  sha256msg1 xmm12, [rsp+0]
  vpalignr xmm13, xmm10, [rsp+16], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+48], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+112]
  sha256msg1 xmm13, [rsp+64]
  vpalignr xmm14, xmm11, [rsp+80], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm11
  vmovdqa [rsp+112], xmm13
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+0]
  sha256msg1 xmm14, [rsp+16]
  vpalignr xmm15, xmm12, [rsp+32], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm12
  vmovdqa [rsp+0], xmm14
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+64]
  sha256msg1 xmm15, [rsp+80]
  vpalignr xmm5, xmm13, [rsp+96], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+64], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm5, [rsp+16]
  sha256msg1 xmm5, [rsp+32]
  vpalignr xmm6, xmm14, [rsp+48], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+16], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm6, [rsp+80]
  sha256msg1 xmm6, [rsp+96]
  vpalignr xmm7, xmm15, [rsp+112], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+80], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm7, [rsp+32]
  sha256msg1 xmm7, [rsp+48]
  vpalignr xmm8, xmm5, [rsp+0], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm5
  vmovdqa [rsp+32], xmm7
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+96]
  sha256msg1 xmm8, [rsp+112]
  vpalignr xmm9, xmm6, [rsp+64], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vmovdqa [rsp+96], xmm8
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+48]
  sha256msg1 xmm9, [rsp+0]
  vpalignr xmm10, xmm7, [rsp+16], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+112]
  sha256msg1 xmm10, [rsp+64]
  vpalignr xmm11, xmm8, [rsp+80], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm11, xmm1, 0x1b
  vpshufd xmm12, xmm2, 0xb1
  vpblendw xmm0, xmm11, xmm12, 0xf0
  vpalignr xmm12, xmm12, xmm11, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm12
  vpshufd xmm11, xmm3, 0x1b
  vpshufd xmm12, xmm4, 0xb1
  vpblendw xmm0, xmm11, xmm12, 0xf0
  vpalignr xmm12, xmm12, xmm11, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm12
  add rsi, 128
  dec rdx
  jnz 2b
9:
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  vmovdqa xmm0, [rsp+64]
  vmovdqu [rdi+32], xmm0
  vmovdqa xmm0, [rsp+80]
  vmovdqu [rdi+48], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_2
.hidden sluice_sha_ni_compress_2
.p2align 6
sluice_sha_ni_compress_2:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 192
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqa [rsp+128], xmm1
  vmovdqa [rsp+144], xmm2
  vmovdqa [rsp+160], xmm3
  vmovdqa [rsp+176], xmm4
  vmovdqu xmm11, [rsi+0]
  vmovdqa [rsp+0], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm11, [rsi+64]
  vmovdqa [rsp+64], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm11, [rsi+16]
  vmovdqa [rsp+16], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm11, [rsi+80]
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm11, [rsi+32]
  vmovdqa [rsp+32], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm11, [rsi+96]
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm9, [rsi+48]
  vmovdqa [rsp+48], xmm9
  vmovdqu xmm10, [rsi+112]
  vmovdqa [rsp+112], xmm10
  vmovdqa xmm11, [rsp+0]
  sha256msg1 xmm11, [rsp+16]
  vpalignr xmm12, xmm9, [rsp+32], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+0], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+64]
  sha256msg1 xmm12, [rsp+80]
  vpalignr xmm13, xmm10, [rsp+96], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+64], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+16]
  sha256msg1 xmm13, [rsp+32]
  vpalignr xmm14, xmm11, [rsp+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm11
  vmovdqa [rsp+16], xmm13
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+80]
  sha256msg1 xmm14, [rsp+96]
  vpalignr xmm15, xmm12, [rsp+112], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm12
  vmovdqa [rsp+80], xmm14
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+32]
  sha256msg1 xmm15, [rsp+48]
  vpalignr xmm5, xmm13, [rsp+0], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+32], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm5, [rsp+96]
  sha256msg1 xmm5, [rsp+112]
  vpalignr xmm6, xmm14, [rsp+64], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+96], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm6, [rsp+48]
  sha256msg1 xmm6, [rsp+0]
  vpalignr xmm7, xmm15, [rsp+16], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+48], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm7, [rsp+112]
  sha256msg1 xmm7, [rsp+64]
  vpalignr xmm8, xmm5, [rsp+80], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm5
  vmovdqa [rsp+112], xmm7
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm8, [rsp+0]
  sha256msg1 xmm8, [rsp+16]
  vpalignr xmm9, xmm6, [rsp+32], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vmovdqa [rsp+0], xmm8
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+64]
  sha256msg1 xmm9, [rsp+80]
  vpalignr xmm10, xmm7, [rsp+96], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vmovdqa [rsp+64], xmm9
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsp+32]
  vpalignr xmm11, xmm8, [rsp+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+80]
  sha256msg1 xmm11, [rsp+96]
  vpalignr xmm12, xmm9, [rsp+112], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+32]
  sha256msg1 xmm12, [rsp+48]
  vpalignr xmm13, xmm10, [rsp+0], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+32], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+96]
  sha256msg1 xmm13, [rsp+112]
  vpalignr xmm14, xmm11, [rsp+64], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm11
  vmovdqa [rsp+96], xmm13
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+48]
  sha256msg1 xmm14, [rsp+0]
  vpalignr xmm15, xmm12, [rsp+16], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm12
  vmovdqa [rsp+48], xmm14
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+112]
  sha256msg1 xmm15, [rsp+64]
  vpalignr xmm5, xmm13, [rsp+80], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+112], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm5, [rsp+0]
  sha256msg1 xmm5, [rsp+16]
  vpalignr xmm6, xmm14, [rsp+32], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+0], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm6, [rsp+64]
  sha256msg1 xmm6, [rsp+80]
  vpalignr xmm7, xmm15, [rsp+96], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+64], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm7, [rsp+16]
  sha256msg1 xmm7, [rsp+32]
  vpalignr xmm8, xmm5, [rsp+48], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm5
  vmovdqa [rsp+16], xmm7
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+80]
  sha256msg1 xmm8, [rsp+96]
  vpalignr xmm9, xmm6, [rsp+112], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vmovdqa [rsp+80], xmm8
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+32]
  sha256msg1 xmm9, [rsp+48]
  vpalignr xmm10, xmm7, [rsp+0], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vmovdqa [rsp+32], xmm9
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+96]
  sha256msg1 xmm10, [rsp+112]
  vpalignr xmm11, xmm8, [rsp+64], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vmovdqa [rsp+96], xmm10
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+48]
  sha256msg1 xmm11, [rsp+0]
  vpalignr xmm12, xmm9, [rsp+16], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+112]
  sha256msg1 xmm12, [rsp+64]
  vpalignr xmm13, xmm10, [rsp+80], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm1, xmm1, [rsp+128]
  vpaddd xmm2, xmm2, [rsp+144]
  vpaddd xmm3, xmm3, [rsp+160]
  vpaddd xmm4, xmm4, [rsp+176]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  vmovdqu [rdi+32], xmm3
  vmovdqu [rdi+48], xmm4
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_constant_2
.hidden sluice_sha_ni_compress_constant_2
.p2align 6
sluice_sha_ni_compress_constant_2:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 192
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqa [rsp+128], xmm1
  vmovdqa [rsp+144], xmm2
  vmovdqa [rsp+160], xmm3
  vmovdqa [rsp+176], xmm4
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+32]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+40]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+48]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+56]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+64]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+72]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+80]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+88]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+96]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+104]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+112]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+120]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+128]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+136]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+144]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+152]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+160]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+168]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+176]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+184]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+192]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+200]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+208]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+216]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+224]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+232]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [rsi+240]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [rsi+248]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm1, xmm1, [rsp+128]
  vpaddd xmm2, xmm2, [rsp+144]
  vpaddd xmm3, xmm3, [rsp+160]
  vpaddd xmm4, xmm4, [rsp+176]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  vmovdqu [rdi+32], xmm3
  vmovdqu [rdi+48], xmm4
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_hash_digests_2
.hidden sluice_sha_ni_hash_digests_2
.p2align 6
sluice_sha_ni_hash_digests_2:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 192
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  vpshufd xmm13, xmm1, 0x1b
  vpshufd xmm14, xmm2, 0xb1
  vpblendw xmm0, xmm13, xmm14, 0xf0
  vpalignr xmm14, xmm14, xmm13, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm14
  vpshufd xmm13, xmm3, 0x1b
  vpshufd xmm14, xmm4, 0xb1
  vpblendw xmm0, xmm13, xmm14, 0xf0
  vpalignr xmm14, xmm14, xmm13, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm14
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+0]
  sha256msg1 xmm13, [rsp+16]
  vpaddd xmm13, xmm13, [r8+64]
  sha256msg2 xmm13, [r8+48]
  vmovdqa [rsp+0], xmm13
  vmovdqa xmm14, [rsp+64]
  sha256msg1 xmm14, [rsp+80]
  vpaddd xmm14, xmm14, [r8+64]
  sha256msg2 xmm14, [r8+48]
  vmovdqa [rsp+64], xmm14
  vmovdqa xmm15, [rsp+16]
  sha256msg1 xmm15, [r8+32]
  vpalignr xmm5, xmm13, [r8+48], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+16], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm5, [rsp+80]
  sha256msg1 xmm5, [r8+32]
  vpalignr xmm6, xmm14, [r8+48], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+80], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm6, xmm15, [rsp+0], 4
  vpaddd xmm6, xmm6, [r8+80]
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+32], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm7, xmm5, [rsp+64], 4
  vpaddd xmm7, xmm7, [r8+80]
  sha256msg2 xmm7, xmm5
  vmovdqa [rsp+96], xmm7
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm8, [r8+48]
  sha256msg1 xmm8, [rsp+0]
  vpalignr xmm9, xmm6, [rsp+16], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vmovdqa [rsp+48], xmm8
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [r8+48]
  sha256msg1 xmm9, [rsp+64]
  vpalignr xmm10, xmm7, [rsp+80], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vmovdqa [rsp+112], xmm9
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpalignr xmm11, xmm8, [rsp+32], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vmovdqa [rsp+0], xmm10
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+64]
  sha256msg1 xmm11, [rsp+80]
  vpalignr xmm12, xmm9, [rsp+96], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+64], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+16]
  sha256msg1 xmm12, [rsp+32]
  vpalignr xmm13, xmm10, [rsp+48], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+16], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+80]
  sha256msg1 xmm13, [rsp+96]
  vpalignr xmm14, xmm11, [rsp+112], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm11
  vmovdqa [rsp+80], xmm13
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+32]
  sha256msg1 xmm14, [rsp+48]
  vpalignr xmm15, xmm12, [rsp+0], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm12
  vmovdqa [rsp+32], xmm14
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+96]
  sha256msg1 xmm15, [rsp+112]
  vpalignr xmm5, xmm13, [rsp+64], 4
  vpaddd xmm15, xmm15, xmm5
  sha256msg2 xmm15, xmm13
  vmovdqa [rsp+96], xmm15
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm5, [rsp+48]
  sha256msg1 xmm5, [rsp+0]
  vpalignr xmm6, xmm14, [rsp+16], 4
  vpaddd xmm5, xmm5, xmm6
  sha256msg2 xmm5, xmm14
  vmovdqa [rsp+48], xmm5
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm6, [rsp+112]
  sha256msg1 xmm6, [rsp+64]
  vpalignr xmm7, xmm15, [rsp+80], 4
  vpaddd xmm6, xmm6, xmm7
  sha256msg2 xmm6, xmm15
  vmovdqa [rsp+112], xmm6
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm7, [rsp+0]
  sha256msg1 xmm7, [rsp+16]
  vpalignr xmm8, xmm5, [rsp+32], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm5
  vmovdqa [rsp+0], xmm7
  vpaddd xmm0, xmm5, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+64]
  sha256msg1 xmm8, [rsp+80]
  vpalignr xmm9, xmm6, [rsp+96], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm6
  vmovdqa [rsp+64], xmm8
  vpaddd xmm0, xmm6, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+16]
  sha256msg1 xmm9, [rsp+32]
  vpalignr xmm10, xmm7, [rsp+48], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm7
  vmovdqa [rsp+16], xmm9
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+80]
  sha256msg1 xmm10, [rsp+96]
  vpalignr xmm11, xmm8, [rsp+112], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm8
  vmovdqa [rsp+80], xmm10
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+32]
  sha256msg1 xmm11, [rsp+48]
  vpalignr xmm12, xmm9, [rsp+0], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm9
  vmovdqa [rsp+32], xmm11
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+96]
  sha256msg1 xmm12, [rsp+112]
  vpalignr xmm13, xmm10, [rsp+64], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm10
  vmovdqa [rsp+96], xmm12
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm11, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+112]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm12, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm12
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm15, xmm1, 0x1b
  vpshufd xmm5, xmm2, 0xb1
  vpblendw xmm0, xmm15, xmm5, 0xf0
  vpalignr xmm5, xmm5, xmm15, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm5
  vpshufd xmm15, xmm3, 0x1b
  vpshufd xmm5, xmm4, 0xb1
  vpblendw xmm0, xmm15, xmm5, 0xf0
  vpalignr xmm5, xmm5, xmm15, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm5
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  vmovdqa xmm0, [rsp+64]
  vmovdqu [rdi+32], xmm0
  vmovdqa xmm0, [rsp+80]
  vmovdqu [rdi+48], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_fold_3
.hidden sluice_sha_ni_fold_3
.p2align 6
sluice_sha_ni_fold_3:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 320
  vmovdqu xmm0, [rdi+0]
  vmovdqa [rsp+0], xmm0
  vmovdqu xmm0, [rdi+16]
  vmovdqa [rsp+16], xmm0
  vmovdqu xmm0, [rdi+32]
  vmovdqa [rsp+64], xmm0
  vmovdqu xmm0, [rdi+48]
  vmovdqa [rsp+80], xmm0
  vmovdqu xmm0, [rdi+64]
  vmovdqa [rsp+128], xmm0
  vmovdqu xmm0, [rdi+80]
  vmovdqa [rsp+144], xmm0
  lea rcx, [rip+sluice_sha_ni_behind_pair]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  test rdx, rdx
  jz 9f
2:
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm5, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm6, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+128]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+144]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpaddd xmm10, xmm10, [rsi+64]
  sha256msg2 xmm10, [rsi+48]
  vmovdqa [rsp+0], xmm10
  vmovdqa xmm11, [rsp+64]
  sha256msg1 xmm11, [rsp+80]
  vpaddd xmm11, xmm11, [rsi+64]
  sha256msg2 xmm11, [rsi+48]
  vmovdqa [rsp+64], xmm11
  vmovdqa xmm12, [rsp+128]
  sha256msg1 xmm12, [rsp+144]
  vpaddd xmm12, xmm12, [rsi+64]
  sha256msg2 xmm12, [rsi+48]
  vmovdqa [rsp+128], xmm12
  vmovdqa xmm13, [rsp+16]
  sha256msg1 xmm13, [rsi+32]
  vpalignr xmm14, xmm10, [rsi+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+16], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+80]
  sha256msg1 xmm14, [rsi+32]
  vpalignr xmm15, xmm11, [rsi+48], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+80], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+144]
  sha256msg1 xmm15, [rsi+32]
  vpalignr xmm7, xmm12, [rsi+48], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+144], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpalignr xmm7, xmm13, [rsp+0], 4
  vpaddd xmm7, xmm7, [rsi+80]
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+32], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm8, xmm14, [rsp+64], 4
  vpaddd xmm8, xmm8, [rsi+80]
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+96], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm9, xmm15, [rsp+128], 4
  vpaddd xmm9, xmm9, [rsi+80]
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+160], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsi+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm7, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsi+48]
  sha256msg1 xmm11, [rsp+64]
  vpalignr xmm12, xmm8, [rsp+80], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+112], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsi+48]
  sha256msg1 xmm12, [rsp+128]
  vpalignr xmm13, xmm9, [rsp+144], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+176], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+0]
  sha256msg1 xmm13, [rsp+16]
  vpalignr xmm14, xmm10, [rsp+32], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+0], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+64]
  sha256msg1 xmm14, [rsp+80]
  vpalignr xmm15, xmm11, [rsp+96], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+64], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+128]
  sha256msg1 xmm15, [rsp+144]
  vpalignr xmm7, xmm12, [rsp+160], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+128], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+16]
  sha256msg1 xmm7, [rsp+32]
  vpalignr xmm8, xmm13, [rsp+48], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+16], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+80]
  sha256msg1 xmm8, [rsp+96]
  vpalignr xmm9, xmm14, [rsp+112], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+80], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+144]
  sha256msg1 xmm9, [rsp+160]
  vpalignr xmm10, xmm15, [rsp+176], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+144], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+32]
  sha256msg1 xmm10, [rsp+48]
  vpalignr xmm11, xmm7, [rsp+0], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+96]
  sha256msg1 xmm11, [rsp+112]
  vpalignr xmm12, xmm8, [rsp+64], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+160]
  sha256msg1 xmm12, [rsp+176]
  vpalignr xmm13, xmm9, [rsp+128], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+160], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm10, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+48], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+112]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm11, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+112], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+176]
  sha256msg1 xmm15, [rsp+128]
  vpalignr xmm7, xmm12, [rsp+144], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+176], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+0]
  sha256msg1 xmm7, [rsp+16]
  vpalignr xmm8, xmm13, [rsp+32], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+0], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+64]
  sha256msg1 xmm8, [rsp+80]
  vpalignr xmm9, xmm14, [rsp+96], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+64], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+128]
  sha256msg1 xmm9, [rsp+144]
  vpalignr xmm10, xmm15, [rsp+160], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+128], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsp+32]
  vpalignr xmm11, xmm7, [rsp+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+80]
  sha256msg1 xmm11, [rsp+96]
  vpalignr xmm12, xmm8, [rsp+112], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+144]
  sha256msg1 xmm12, [rsp+160]
  vpalignr xmm13, xmm9, [rsp+176], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+144], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+32]
  sha256msg1 xmm13, [rsp+48]
  vpalignr xmm14, xmm10, [rsp+0], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+96]
  sha256msg1 xmm14, [rsp+112]
  vpalignr xmm15, xmm11, [rsp+64], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+96], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+160]
  sha256msg1 xmm15, [rsp+176]
  vpalignr xmm7, xmm12, [rsp+128], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+160], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+48]
  sha256msg1 xmm7, [rsp+0]
  vpalignr xmm8, xmm13, [rsp+16], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+112]
  sha256msg1 xmm8, [rsp+64]
  vpalignr xmm9, xmm14, [rsp+80], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+176]
  sha256msg1 xmm9, [rsp+128]
  vpalignr xmm10, xmm15, [rsp+144], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm5, xmm5, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm6, xmm6, [rip+sluice_sha_ni_initial+16]
  vmovdqa [rsp+192], xmm1
  vmovdqa [rsp+208], xmm2
  vmovdqa [rsp+224], xmm3
  vmovdqa [rsp+240], xmm4
  vmovdqa [rsp+256], xmm5
  vmovdqa [rsp+272], xmm6
  vmovdqu xmm0, [rcx+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+32]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+40]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+48]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+56]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+64]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+72]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+80]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+88]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+96]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+104]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+112]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+120]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+128]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+136]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+144]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+152]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+160]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+168]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+176]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+184]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+192]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+200]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+208]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+216]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+224]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+232]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rcx+240]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rcx+248]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm1, xmm1, [rsp+192]
  vpaddd xmm2, xmm2, [rsp+208]
  vpaddd xmm3, xmm3, [rsp+224]
  vpaddd xmm4, xmm4, [rsp+240]
  vpaddd xmm5, xmm5, [rsp+256]
  vpaddd xmm6, xmm6, [rsp+272]
  vpshufd xmm10, xmm1, 0x1b
  vpshufd xmm11, xmm2, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm11
  vpshufd xmm10, xmm3, 0x1b
  vpshufd xmm11, xmm4, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm11
  vpshufd xmm10, xmm5, 0x1b
  vpshufd xmm11, xmm6, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm11
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm5, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm6, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+128]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+144]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpaddd xmm10, xmm10, [r8+64]
  sha256msg2 xmm10, [r8+48]
  vmovdqa [rsp+0], xmm10
  vmovdqa xmm11, [rsp+64]
  sha256msg1 xmm11, [rsp+80]
  vpaddd xmm11, xmm11, [r8+64]
  sha256msg2 xmm11, [r8+48]
  vmovdqa [rsp+64], xmm11
  vmovdqa xmm12, [rsp+128]
  sha256msg1 xmm12, [rsp+144]
  vpaddd xmm12, xmm12, [r8+64]
  sha256msg2 xmm12, [r8+48]
  vmovdqa [rsp+128], xmm12
  vmovdqa xmm13, [rsp+16]
  sha256msg1 xmm13, [r8+32]
  vpalignr xmm14, xmm10, [r8+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+16], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+80]
  sha256msg1 xmm14, [r8+32]
  vpalignr xmm15, xmm11, [r8+48], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+80], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+144]
  sha256msg1 xmm15, [r8+32]
  vpalignr xmm7, xmm12, [r8+48], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+144], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpalignr xmm7, xmm13, [rsp+0], 4
  vpaddd xmm7, xmm7, [r8+80]
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+32], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm8, xmm14, [rsp+64], 4
  vpaddd xmm8, xmm8, [r8+80]
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+96], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm9, xmm15, [rsp+128], 4
  vpaddd xmm9, xmm9, [r8+80]
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+160], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [r8+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm7, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [r8+48]
  sha256msg1 xmm11, [rsp+64]
  vpalignr xmm12, xmm8, [rsp+80], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+112], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [r8+48]
  sha256msg1 xmm12, [rsp+128]
  vpalignr xmm13, xmm9, [rsp+144], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+176], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+0]
  sha256msg1 xmm13, [rsp+16]
  vpalignr xmm14, xmm10, [rsp+32], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+0], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+64]
  sha256msg1 xmm14, [rsp+80]
  vpalignr xmm15, xmm11, [rsp+96], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+64], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+128]
  sha256msg1 xmm15, [rsp+144]
  vpalignr xmm7, xmm12, [rsp+160], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+128], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+16]
  sha256msg1 xmm7, [rsp+32]
  vpalignr xmm8, xmm13, [rsp+48], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+16], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+80]
  sha256msg1 xmm8, [rsp+96]
  vpalignr xmm9, xmm14, [rsp+112], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+80], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+144]
  sha256msg1 xmm9, [rsp+160]
  vpalignr xmm10, xmm15, [rsp+176], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+144], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+32]
  sha256msg1 xmm10, [rsp+48]
  vpalignr xmm11, xmm7, [rsp+0], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+96]
  sha256msg1 xmm11, [rsp+112]
  vpalignr xmm12, xmm8, [rsp+64], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+160]
  sha256msg1 xmm12, [rsp+176]
  vpalignr xmm13, xmm9, [rsp+128], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+160], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm10, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+48], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+112]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm11, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+112], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+176]
  sha256msg1 xmm15, [rsp+128]
  vpalignr xmm7, xmm12, [rsp+144], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+176], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+0]
  sha256msg1 xmm7, [rsp+16]
  vpalignr xmm8, xmm13, [rsp+32], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+0], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+64]
  sha256msg1 xmm8, [rsp+80]
  vpalignr xmm9, xmm14, [rsp+96], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+64], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+128]
  sha256msg1 xmm9, [rsp+144]
  vpalignr xmm10, xmm15, [rsp+160], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+128], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsp+32]
  vpalignr xmm11, xmm7, [rsp+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+80]
  sha256msg1 xmm11, [rsp+96]
  vpalignr xmm12, xmm8, [rsp+112], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+144]
  sha256msg1 xmm12, [rsp+160]
  vpalignr xmm13, xmm9, [rsp+176], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+144], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+32]
  sha256msg1 xmm13, [rsp+48]
  vpalignr xmm14, xmm10, [rsp+0], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+96]
  sha256msg1 xmm14, [rsp+112]
  vpalignr xmm15, xmm11, [rsp+64], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+96], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+160]
  sha256msg1 xmm15, [rsp+176]
  vpalignr xmm7, xmm12, [rsp+128], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+160], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+48]
  sha256msg1 xmm7, [rsp+0]
  vpalignr xmm8, xmm13, [rsp+16], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+112]
  sha256msg1 xmm8, [rsp+64]
  vpalignr xmm9, xmm14, [rsp+80], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+176]
  sha256msg1 xmm9, [rsp+128]
  vpalignr xmm10, xmm15, [rsp+144], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm5, xmm5, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm6, xmm6, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm10, xmm1, 0x1b
  vpshufd xmm11, xmm2, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm11
  vpshufd xmm10, xmm3, 0x1b
  vpshufd xmm11, xmm4, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm11
  vpshufd xmm10, xmm5, 0x1b
  vpshufd xmm11, xmm6, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm11
  add rsi, 128
  dec rdx
  jnz 2b
9:
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  vmovdqa xmm0, [rsp+64]
  vmovdqu [rdi+32], xmm0
  vmovdqa xmm0, [rsp+80]
  vmovdqu [rdi+48], xmm0
  vmovdqa xmm0, [rsp+128]
  vmovdqu [rdi+64], xmm0
  vmovdqa xmm0, [rsp+144]
  vmovdqu [rdi+80], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_3
.hidden sluice_sha_ni_compress_3
.p2align 6
sluice_sha_ni_compress_3:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 320
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqu xmm5, [rdi+64]
  vmovdqu xmm6, [rdi+80]
  vmovdqa [rsp+192], xmm1
  vmovdqa [rsp+208], xmm2
  vmovdqa [rsp+224], xmm3
  vmovdqa [rsp+240], xmm4
  vmovdqa [rsp+256], xmm5
  vmovdqa [rsp+272], xmm6
  vmovdqu xmm10, [rsi+0]
  vmovdqa [rsp+0], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm10, [rsi+64]
  vmovdqa [rsp+64], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm10, [rsi+128]
  vmovdqa [rsp+128], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm10, [rsi+16]
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm10, [rsi+80]
  vmovdqa [rsp+80], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm10, [rsi+144]
  vmovdqa [rsp+144], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm10, [rsi+32]
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm10, [rsi+96]
  vmovdqa [rsp+96], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm10, [rsi+160]
  vmovdqa [rsp+160], xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm7, [rsi+48]
  vmovdqa [rsp+48], xmm7
  vmovdqu xmm8, [rsi+112]
  vmovdqa [rsp+112], xmm8
  vmovdqu xmm9, [rsi+176]
  vmovdqa [rsp+176], xmm9
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpalignr xmm11, xmm7, [rsp+32], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+0], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+64]
  sha256msg1 xmm11, [rsp+80]
  vpalignr xmm12, xmm8, [rsp+96], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+64], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+128]
  sha256msg1 xmm12, [rsp+144]
  vpalignr xmm13, xmm9, [rsp+160], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+128], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+16]
  sha256msg1 xmm13, [rsp+32]
  vpalignr xmm14, xmm10, [rsp+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+16], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+80]
  sha256msg1 xmm14, [rsp+96]
  vpalignr xmm15, xmm11, [rsp+112], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+80], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+144]
  sha256msg1 xmm15, [rsp+160]
  vpalignr xmm7, xmm12, [rsp+176], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+144], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+32]
  sha256msg1 xmm7, [rsp+48]
  vpalignr xmm8, xmm13, [rsp+0], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+32], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+96]
  sha256msg1 xmm8, [rsp+112]
  vpalignr xmm9, xmm14, [rsp+64], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+96], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+160]
  sha256msg1 xmm9, [rsp+176]
  vpalignr xmm10, xmm15, [rsp+128], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+160], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm7, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+112]
  sha256msg1 xmm11, [rsp+64]
  vpalignr xmm12, xmm8, [rsp+80], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+112], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+176]
  sha256msg1 xmm12, [rsp+128]
  vpalignr xmm13, xmm9, [rsp+144], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+176], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+0]
  sha256msg1 xmm13, [rsp+16]
  vpalignr xmm14, xmm10, [rsp+32], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+0], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+64]
  sha256msg1 xmm14, [rsp+80]
  vpalignr xmm15, xmm11, [rsp+96], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+64], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+128]
  sha256msg1 xmm15, [rsp+144]
  vpalignr xmm7, xmm12, [rsp+160], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+128], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+16]
  sha256msg1 xmm7, [rsp+32]
  vpalignr xmm8, xmm13, [rsp+48], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+16], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+80]
  sha256msg1 xmm8, [rsp+96]
  vpalignr xmm9, xmm14, [rsp+112], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+80], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+144]
  sha256msg1 xmm9, [rsp+160]
  vpalignr xmm10, xmm15, [rsp+176], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+144], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+32]
  sha256msg1 xmm10, [rsp+48]
  vpalignr xmm11, xmm7, [rsp+0], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+96]
  sha256msg1 xmm11, [rsp+112]
  vpalignr xmm12, xmm8, [rsp+64], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+160]
  sha256msg1 xmm12, [rsp+176]
  vpalignr xmm13, xmm9, [rsp+128], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+160], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm10, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+48], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+112]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm11, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+112], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+176]
  sha256msg1 xmm15, [rsp+128]
  vpalignr xmm7, xmm12, [rsp+144], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+176], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+0]
  sha256msg1 xmm7, [rsp+16]
  vpalignr xmm8, xmm13, [rsp+32], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+0], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+64]
  sha256msg1 xmm8, [rsp+80]
  vpalignr xmm9, xmm14, [rsp+96], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+64], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+128]
  sha256msg1 xmm9, [rsp+144]
  vpalignr xmm10, xmm15, [rsp+160], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+128], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsp+32]
  vpalignr xmm11, xmm7, [rsp+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+80]
  sha256msg1 xmm11, [rsp+96]
  vpalignr xmm12, xmm8, [rsp+112], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+144]
  sha256msg1 xmm12, [rsp+160]
  vpalignr xmm13, xmm9, [rsp+176], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+144], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+32]
  sha256msg1 xmm13, [rsp+48]
  vpalignr xmm14, xmm10, [rsp+0], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+96]
  sha256msg1 xmm14, [rsp+112]
  vpalignr xmm15, xmm11, [rsp+64], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+96], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+160]
  sha256msg1 xmm15, [rsp+176]
  vpalignr xmm7, xmm12, [rsp+128], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+160], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+48]
  sha256msg1 xmm7, [rsp+0]
  vpalignr xmm8, xmm13, [rsp+16], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+112]
  sha256msg1 xmm8, [rsp+64]
  vpalignr xmm9, xmm14, [rsp+80], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+176]
  sha256msg1 xmm9, [rsp+128]
  vpalignr xmm10, xmm15, [rsp+144], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm1, xmm1, [rsp+192]
  vpaddd xmm2, xmm2, [rsp+208]
  vpaddd xmm3, xmm3, [rsp+224]
  vpaddd xmm4, xmm4, [rsp+240]
  vpaddd xmm5, xmm5, [rsp+256]
  vpaddd xmm6, xmm6, [rsp+272]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  vmovdqu [rdi+32], xmm3
  vmovdqu [rdi+48], xmm4
  vmovdqu [rdi+64], xmm5
  vmovdqu [rdi+80], xmm6
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_constant_3
.hidden sluice_sha_ni_compress_constant_3
.p2align 6
sluice_sha_ni_compress_constant_3:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 320
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqu xmm5, [rdi+64]
  vmovdqu xmm6, [rdi+80]
  vmovdqa [rsp+192], xmm1
  vmovdqa [rsp+208], xmm2
  vmovdqa [rsp+224], xmm3
  vmovdqa [rsp+240], xmm4
  vmovdqa [rsp+256], xmm5
  vmovdqa [rsp+272], xmm6
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+32]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+40]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+48]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+56]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+64]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+72]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+80]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+88]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+96]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+104]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+112]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+120]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+128]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+136]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+144]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+152]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+160]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+168]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+176]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+184]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+192]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+200]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+208]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+216]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+224]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+232]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [rsi+240]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [rsi+248]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm1, xmm1, [rsp+192]
  vpaddd xmm2, xmm2, [rsp+208]
  vpaddd xmm3, xmm3, [rsp+224]
  vpaddd xmm4, xmm4, [rsp+240]
  vpaddd xmm5, xmm5, [rsp+256]
  vpaddd xmm6, xmm6, [rsp+272]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  vmovdqu [rdi+32], xmm3
  vmovdqu [rdi+48], xmm4
  vmovdqu [rdi+64], xmm5
  vmovdqu [rdi+80], xmm6
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_hash_digests_3
.hidden sluice_sha_ni_hash_digests_3
.p2align 6
sluice_sha_ni_hash_digests_3:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 320
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqu xmm5, [rdi+64]
  vmovdqu xmm6, [rdi+80]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  vpshufd xmm10, xmm1, 0x1b
  vpshufd xmm11, xmm2, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm11
  vpshufd xmm10, xmm3, 0x1b
  vpshufd xmm11, xmm4, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm11
  vpshufd xmm10, xmm5, 0x1b
  vpshufd xmm11, xmm6, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm11
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm5, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm6, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+128]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+144]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpaddd xmm10, xmm10, [r8+64]
  sha256msg2 xmm10, [r8+48]
  vmovdqa [rsp+0], xmm10
  vmovdqa xmm11, [rsp+64]
  sha256msg1 xmm11, [rsp+80]
  vpaddd xmm11, xmm11, [r8+64]
  sha256msg2 xmm11, [r8+48]
  vmovdqa [rsp+64], xmm11
  vmovdqa xmm12, [rsp+128]
  sha256msg1 xmm12, [rsp+144]
  vpaddd xmm12, xmm12, [r8+64]
  sha256msg2 xmm12, [r8+48]
  vmovdqa [rsp+128], xmm12
  vmovdqa xmm13, [rsp+16]
  sha256msg1 xmm13, [r8+32]
  vpalignr xmm14, xmm10, [r8+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+16], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+80]
  sha256msg1 xmm14, [r8+32]
  vpalignr xmm15, xmm11, [r8+48], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+80], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+144]
  sha256msg1 xmm15, [r8+32]
  vpalignr xmm7, xmm12, [r8+48], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+144], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpalignr xmm7, xmm13, [rsp+0], 4
  vpaddd xmm7, xmm7, [r8+80]
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+32], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm8, xmm14, [rsp+64], 4
  vpaddd xmm8, xmm8, [r8+80]
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+96], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm9, xmm15, [rsp+128], 4
  vpaddd xmm9, xmm9, [r8+80]
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+160], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [r8+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm7, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [r8+48]
  sha256msg1 xmm11, [rsp+64]
  vpalignr xmm12, xmm8, [rsp+80], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+112], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [r8+48]
  sha256msg1 xmm12, [rsp+128]
  vpalignr xmm13, xmm9, [rsp+144], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+176], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+0]
  sha256msg1 xmm13, [rsp+16]
  vpalignr xmm14, xmm10, [rsp+32], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+0], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+64]
  sha256msg1 xmm14, [rsp+80]
  vpalignr xmm15, xmm11, [rsp+96], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+64], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+128]
  sha256msg1 xmm15, [rsp+144]
  vpalignr xmm7, xmm12, [rsp+160], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+128], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+16]
  sha256msg1 xmm7, [rsp+32]
  vpalignr xmm8, xmm13, [rsp+48], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+16], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+80]
  sha256msg1 xmm8, [rsp+96]
  vpalignr xmm9, xmm14, [rsp+112], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+80], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+144]
  sha256msg1 xmm9, [rsp+160]
  vpalignr xmm10, xmm15, [rsp+176], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+144], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+32]
  sha256msg1 xmm10, [rsp+48]
  vpalignr xmm11, xmm7, [rsp+0], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+96]
  sha256msg1 xmm11, [rsp+112]
  vpalignr xmm12, xmm8, [rsp+64], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+160]
  sha256msg1 xmm12, [rsp+176]
  vpalignr xmm13, xmm9, [rsp+128], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+160], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm10, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+48], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+112]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm11, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+112], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+176]
  sha256msg1 xmm15, [rsp+128]
  vpalignr xmm7, xmm12, [rsp+144], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+176], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+0]
  sha256msg1 xmm7, [rsp+16]
  vpalignr xmm8, xmm13, [rsp+32], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vmovdqa [rsp+0], xmm7
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+64]
  sha256msg1 xmm8, [rsp+80]
  vpalignr xmm9, xmm14, [rsp+96], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vmovdqa [rsp+64], xmm8
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+128]
  sha256msg1 xmm9, [rsp+144]
  vpalignr xmm10, xmm15, [rsp+160], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vmovdqa [rsp+128], xmm9
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsp+32]
  vpalignr xmm11, xmm7, [rsp+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm7
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+80]
  sha256msg1 xmm11, [rsp+96]
  vpalignr xmm12, xmm8, [rsp+112], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm8
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+144]
  sha256msg1 xmm12, [rsp+160]
  vpalignr xmm13, xmm9, [rsp+176], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm9
  vmovdqa [rsp+144], xmm12
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+32]
  sha256msg1 xmm13, [rsp+48]
  vpalignr xmm14, xmm10, [rsp+0], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm10
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+96]
  sha256msg1 xmm14, [rsp+112]
  vpalignr xmm15, xmm11, [rsp+64], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm11
  vmovdqa [rsp+96], xmm14
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+160]
  sha256msg1 xmm15, [rsp+176]
  vpalignr xmm7, xmm12, [rsp+128], 4
  vpaddd xmm15, xmm15, xmm7
  sha256msg2 xmm15, xmm12
  vmovdqa [rsp+160], xmm15
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm7, [rsp+48]
  sha256msg1 xmm7, [rsp+0]
  vpalignr xmm8, xmm13, [rsp+16], 4
  vpaddd xmm7, xmm7, xmm8
  sha256msg2 xmm7, xmm13
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm8, [rsp+112]
  sha256msg1 xmm8, [rsp+64]
  vpalignr xmm9, xmm14, [rsp+80], 4
  vpaddd xmm8, xmm8, xmm9
  sha256msg2 xmm8, xmm14
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+176]
  sha256msg1 xmm9, [rsp+128]
  vpalignr xmm10, xmm15, [rsp+144], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm7, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm8, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm5, xmm5, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm6, xmm6, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm10, xmm1, 0x1b
  vpshufd xmm11, xmm2, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm11
  vpshufd xmm10, xmm3, 0x1b
  vpshufd xmm11, xmm4, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm11
  vpshufd xmm10, xmm5, 0x1b
  vpshufd xmm11, xmm6, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm11
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  vmovdqa xmm0, [rsp+64]
  vmovdqu [rdi+32], xmm0
  vmovdqa xmm0, [rsp+80]
  vmovdqu [rdi+48], xmm0
  vmovdqa xmm0, [rsp+128]
  vmovdqu [rdi+64], xmm0
  vmovdqa xmm0, [rsp+144]
  vmovdqu [rdi+80], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_fold_4
.hidden sluice_sha_ni_fold_4
.p2align 6
sluice_sha_ni_fold_4:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 384
  vmovdqu xmm0, [rdi+0]
  vmovdqa [rsp+0], xmm0
  vmovdqu xmm0, [rdi+16]
  vmovdqa [rsp+16], xmm0
  vmovdqu xmm0, [rdi+32]
  vmovdqa [rsp+64], xmm0
  vmovdqu xmm0, [rdi+48]
  vmovdqa [rsp+80], xmm0
  vmovdqu xmm0, [rdi+64]
  vmovdqa [rsp+128], xmm0
  vmovdqu xmm0, [rdi+80]
  vmovdqa [rsp+144], xmm0
  vmovdqu xmm0, [rdi+96]
  vmovdqa [rsp+192], xmm0
  vmovdqu xmm0, [rdi+112]
  vmovdqa [rsp+208], xmm0
  lea rcx, [rip+sluice_sha_ni_behind_pair]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  test rdx, rdx
  jz 9f
2:
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm5, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm6, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm7, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm8, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+128]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+192]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+144]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+208]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm13, [rsp+0]
  sha256msg1 xmm13, [rsp+16]
  vpaddd xmm13, xmm13, [rsi+64]
  sha256msg2 xmm13, [rsi+48]
  vmovdqa [rsp+0], xmm13
  vmovdqa xmm14, [rsp+64]
  sha256msg1 xmm14, [rsp+80]
  vpaddd xmm14, xmm14, [rsi+64]
  sha256msg2 xmm14, [rsi+48]
  vmovdqa [rsp+64], xmm14
  vmovdqa xmm15, [rsp+128]
  sha256msg1 xmm15, [rsp+144]
  vpaddd xmm15, xmm15, [rsi+64]
  sha256msg2 xmm15, [rsi+48]
  vmovdqa [rsp+128], xmm15
  vmovdqa xmm9, [rsp+192]
  sha256msg1 xmm9, [rsp+208]
  vpaddd xmm9, xmm9, [rsi+64]
  sha256msg2 xmm9, [rsi+48]
  vmovdqa [rsp+192], xmm9
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsi+32]
  vpalignr xmm11, xmm13, [rsi+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+80]
  sha256msg1 xmm11, [rsi+32]
  vpalignr xmm12, xmm14, [rsi+48], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+144]
  sha256msg1 xmm12, [rsi+32]
  vpalignr xmm13, xmm15, [rsi+48], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+144], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+208]
  sha256msg1 xmm13, [rsi+32]
  vpalignr xmm14, xmm9, [rsi+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+208], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpalignr xmm14, xmm10, [rsp+0], 4
  vpaddd xmm14, xmm14, [rsi+80]
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+32], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm15, xmm11, [rsp+64], 4
  vpaddd xmm15, xmm15, [rsi+80]
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+96], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm9, xmm12, [rsp+128], 4
  vpaddd xmm9, xmm9, [rsi+80]
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+160], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpalignr xmm10, xmm13, [rsp+192], 4
  vpaddd xmm10, xmm10, [rsi+80]
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+224], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm11, [rsi+48]
  sha256msg1 xmm11, [rsp+0]
  vpalignr xmm12, xmm14, [rsp+16], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+48], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsi+48]
  sha256msg1 xmm12, [rsp+64]
  vpalignr xmm13, xmm15, [rsp+80], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+112], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsi+48]
  sha256msg1 xmm13, [rsp+128]
  vpalignr xmm14, xmm9, [rsp+144], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+176], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm14, [rsi+48]
  sha256msg1 xmm14, [rsp+192]
  vpalignr xmm15, xmm10, [rsp+208], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+240], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm15, [rsp+0]
  sha256msg1 xmm15, [rsp+16]
  vpalignr xmm9, xmm11, [rsp+32], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+0], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+64]
  sha256msg1 xmm9, [rsp+80]
  vpalignr xmm10, xmm12, [rsp+96], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+64], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+128]
  sha256msg1 xmm10, [rsp+144]
  vpalignr xmm11, xmm13, [rsp+160], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+128], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm11, [rsp+192]
  sha256msg1 xmm11, [rsp+208]
  vpalignr xmm12, xmm14, [rsp+224], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+192], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm12, [rsp+16]
  sha256msg1 xmm12, [rsp+32]
  vpalignr xmm13, xmm15, [rsp+48], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+16], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+80]
  sha256msg1 xmm13, [rsp+96]
  vpalignr xmm14, xmm9, [rsp+112], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+80], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+144]
  sha256msg1 xmm14, [rsp+160]
  vpalignr xmm15, xmm10, [rsp+176], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+144], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm15, [rsp+208]
  sha256msg1 xmm15, [rsp+224]
  vpalignr xmm9, xmm11, [rsp+240], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+208], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm9, [rsp+32]
  sha256msg1 xmm9, [rsp+48]
  vpalignr xmm10, xmm12, [rsp+0], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+32], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+96]
  sha256msg1 xmm10, [rsp+112]
  vpalignr xmm11, xmm13, [rsp+64], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+96], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+160]
  sha256msg1 xmm11, [rsp+176]
  vpalignr xmm12, xmm14, [rsp+128], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+160], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm12, [rsp+224]
  sha256msg1 xmm12, [rsp+240]
  vpalignr xmm13, xmm15, [rsp+192], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+224], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm9, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+48], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+112]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm10, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+112], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+176]
  sha256msg1 xmm15, [rsp+128]
  vpalignr xmm9, xmm11, [rsp+144], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+176], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm9, [rsp+240]
  sha256msg1 xmm9, [rsp+192]
  vpalignr xmm10, xmm12, [rsp+208], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+240], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpalignr xmm11, xmm13, [rsp+32], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+0], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+64]
  sha256msg1 xmm11, [rsp+80]
  vpalignr xmm12, xmm14, [rsp+96], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+64], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+128]
  sha256msg1 xmm12, [rsp+144]
  vpalignr xmm13, xmm15, [rsp+160], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+128], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+192]
  sha256msg1 xmm13, [rsp+208]
  vpalignr xmm14, xmm9, [rsp+224], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+192], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm14, [rsp+16]
  sha256msg1 xmm14, [rsp+32]
  vpalignr xmm15, xmm10, [rsp+48], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+16], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+80]
  sha256msg1 xmm15, [rsp+96]
  vpalignr xmm9, xmm11, [rsp+112], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+80], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+144]
  sha256msg1 xmm9, [rsp+160]
  vpalignr xmm10, xmm12, [rsp+176], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+144], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+208]
  sha256msg1 xmm10, [rsp+224]
  vpalignr xmm11, xmm13, [rsp+240], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+208], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm11, [rsp+32]
  sha256msg1 xmm11, [rsp+48]
  vpalignr xmm12, xmm14, [rsp+0], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+32], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+96]
  sha256msg1 xmm12, [rsp+112]
  vpalignr xmm13, xmm15, [rsp+64], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+96], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+160]
  sha256msg1 xmm13, [rsp+176]
  vpalignr xmm14, xmm9, [rsp+128], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+160], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm14, [rsp+224]
  sha256msg1 xmm14, [rsp+240]
  vpalignr xmm15, xmm10, [rsp+192], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+224], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm15, [rsp+48]
  sha256msg1 xmm15, [rsp+0]
  vpalignr xmm9, xmm11, [rsp+16], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+112]
  sha256msg1 xmm9, [rsp+64]
  vpalignr xmm10, xmm12, [rsp+80], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+176]
  sha256msg1 xmm10, [rsp+128]
  vpalignr xmm11, xmm13, [rsp+144], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm11, [rsp+240]
  sha256msg1 xmm11, [rsp+192]
  vpalignr xmm12, xmm14, [rsp+208], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm5, xmm5, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm6, xmm6, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm7, xmm7, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm8, xmm8, [rip+sluice_sha_ni_initial+16]
  vmovdqa [rsp+256], xmm1
  vmovdqa [rsp+272], xmm2
  vmovdqa [rsp+288], xmm3
  vmovdqa [rsp+304], xmm4
  vmovdqa [rsp+320], xmm5
  vmovdqa [rsp+336], xmm6
  vmovdqa [rsp+352], xmm7
  vmovdqa [rsp+368], xmm8
  vmovdqu xmm0, [rcx+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+32]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+40]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+48]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+56]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+64]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+72]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+80]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+88]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+96]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+104]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+112]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+120]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+128]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+136]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+144]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+152]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+160]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+168]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+176]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+184]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+192]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+200]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+208]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+216]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+224]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+232]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rcx+240]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rcx+248]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm1, xmm1, [rsp+256]
  vpaddd xmm2, xmm2, [rsp+272]
  vpaddd xmm3, xmm3, [rsp+288]
  vpaddd xmm4, xmm4, [rsp+304]
  vpaddd xmm5, xmm5, [rsp+320]
  vpaddd xmm6, xmm6, [rsp+336]
  vpaddd xmm7, xmm7, [rsp+352]
  vpaddd xmm8, xmm8, [rsp+368]
  vpshufd xmm12, xmm1, 0x1b
  vpshufd xmm13, xmm2, 0xb1
  vpblendw xmm0, xmm12, xmm13, 0xf0
  vpalignr xmm13, xmm13, xmm12, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm13
  vpshufd xmm12, xmm3, 0x1b
  vpshufd xmm13, xmm4, 0xb1
  vpblendw xmm0, xmm12, xmm13, 0xf0
  vpalignr xmm13, xmm13, xmm12, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm13
  vpshufd xmm12, xmm5, 0x1b
  vpshufd xmm13, xmm6, 0xb1
  vpblendw xmm0, xmm12, xmm13, 0xf0
  vpalignr xmm13, xmm13, xmm12, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm13
  vpshufd xmm12, xmm7, 0x1b
  vpshufd xmm13, xmm8, 0xb1
  vpblendw xmm0, xmm12, xmm13, 0xf0
  vpalignr xmm13, xmm13, xmm12, 8
  vmovdqa [rsp+192], xmm0
  vmovdqa [rsp+208], xmm13
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm5, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm6, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm7, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm8, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+128]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+192]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+144]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+208]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm12, [rsp+0]
  sha256msg1 xmm12, [rsp+16]
  vpaddd xmm12, xmm12, [r8+64]
  sha256msg2 xmm12, [r8+48]
  vmovdqa [rsp+0], xmm12
  vmovdqa xmm13, [rsp+64]
  sha256msg1 xmm13, [rsp+80]
  vpaddd xmm13, xmm13, [r8+64]
  sha256msg2 xmm13, [r8+48]
  vmovdqa [rsp+64], xmm13
  vmovdqa xmm14, [rsp+128]
  sha256msg1 xmm14, [rsp+144]
  vpaddd xmm14, xmm14, [r8+64]
  sha256msg2 xmm14, [r8+48]
  vmovdqa [rsp+128], xmm14
  vmovdqa xmm15, [rsp+192]
  sha256msg1 xmm15, [rsp+208]
  vpaddd xmm15, xmm15, [r8+64]
  sha256msg2 xmm15, [r8+48]
  vmovdqa [rsp+192], xmm15
  vmovdqa xmm9, [rsp+16]
  sha256msg1 xmm9, [r8+32]
  vpalignr xmm10, xmm12, [r8+48], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+16], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+80]
  sha256msg1 xmm10, [r8+32]
  vpalignr xmm11, xmm13, [r8+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+80], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+144]
  sha256msg1 xmm11, [r8+32]
  vpalignr xmm12, xmm14, [r8+48], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+144], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm12, [rsp+208]
  sha256msg1 xmm12, [r8+32]
  vpalignr xmm13, xmm15, [r8+48], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+208], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpalignr xmm13, xmm9, [rsp+0], 4
  vpaddd xmm13, xmm13, [r8+80]
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm14, xmm10, [rsp+64], 4
  vpaddd xmm14, xmm14, [r8+80]
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+96], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm15, xmm11, [rsp+128], 4
  vpaddd xmm15, xmm15, [r8+80]
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+160], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpalignr xmm9, xmm12, [rsp+192], 4
  vpaddd xmm9, xmm9, [r8+80]
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+224], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm10, [r8+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm13, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [r8+48]
  sha256msg1 xmm11, [rsp+64]
  vpalignr xmm12, xmm14, [rsp+80], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+112], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [r8+48]
  sha256msg1 xmm12, [rsp+128]
  vpalignr xmm13, xmm15, [rsp+144], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+176], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [r8+48]
  sha256msg1 xmm13, [rsp+192]
  vpalignr xmm14, xmm9, [rsp+208], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+240], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm14, [rsp+0]
  sha256msg1 xmm14, [rsp+16]
  vpalignr xmm15, xmm10, [rsp+32], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+0], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+64]
  sha256msg1 xmm15, [rsp+80]
  vpalignr xmm9, xmm11, [rsp+96], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+64], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+128]
  sha256msg1 xmm9, [rsp+144]
  vpalignr xmm10, xmm12, [rsp+160], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+128], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+192]
  sha256msg1 xmm10, [rsp+208]
  vpalignr xmm11, xmm13, [rsp+224], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+192], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm11, [rsp+16]
  sha256msg1 xmm11, [rsp+32]
  vpalignr xmm12, xmm14, [rsp+48], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+16], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+80]
  sha256msg1 xmm12, [rsp+96]
  vpalignr xmm13, xmm15, [rsp+112], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+80], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+144]
  sha256msg1 xmm13, [rsp+160]
  vpalignr xmm14, xmm9, [rsp+176], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+144], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm14, [rsp+208]
  sha256msg1 xmm14, [rsp+224]
  vpalignr xmm15, xmm10, [rsp+240], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+208], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm15, [rsp+32]
  sha256msg1 xmm15, [rsp+48]
  vpalignr xmm9, xmm11, [rsp+0], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+32], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+96]
  sha256msg1 xmm9, [rsp+112]
  vpalignr xmm10, xmm12, [rsp+64], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+96], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+160]
  sha256msg1 xmm10, [rsp+176]
  vpalignr xmm11, xmm13, [rsp+128], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+160], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm11, [rsp+224]
  sha256msg1 xmm11, [rsp+240]
  vpalignr xmm12, xmm14, [rsp+192], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+224], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm12, [rsp+48]
  sha256msg1 xmm12, [rsp+0]
  vpalignr xmm13, xmm15, [rsp+16], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+48], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+112]
  sha256msg1 xmm13, [rsp+64]
  vpalignr xmm14, xmm9, [rsp+80], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+112], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+176]
  sha256msg1 xmm14, [rsp+128]
  vpalignr xmm15, xmm10, [rsp+144], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+176], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm15, [rsp+240]
  sha256msg1 xmm15, [rsp+192]
  vpalignr xmm9, xmm11, [rsp+208], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+240], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm9, [rsp+0]
  sha256msg1 xmm9, [rsp+16]
  vpalignr xmm10, xmm12, [rsp+32], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+0], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+64]
  sha256msg1 xmm10, [rsp+80]
  vpalignr xmm11, xmm13, [rsp+96], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+64], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+128]
  sha256msg1 xmm11, [rsp+144]
  vpalignr xmm12, xmm14, [rsp+160], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+128], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm12, [rsp+192]
  sha256msg1 xmm12, [rsp+208]
  vpalignr xmm13, xmm15, [rsp+224], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+192], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm13, [rsp+16]
  sha256msg1 xmm13, [rsp+32]
  vpalignr xmm14, xmm9, [rsp+48], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+16], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+80]
  sha256msg1 xmm14, [rsp+96]
  vpalignr xmm15, xmm10, [rsp+112], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+80], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+144]
  sha256msg1 xmm15, [rsp+160]
  vpalignr xmm9, xmm11, [rsp+176], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+144], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm9, [rsp+208]
  sha256msg1 xmm9, [rsp+224]
  vpalignr xmm10, xmm12, [rsp+240], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+208], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm10, [rsp+32]
  sha256msg1 xmm10, [rsp+48]
  vpalignr xmm11, xmm13, [rsp+0], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+32], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+96]
  sha256msg1 xmm11, [rsp+112]
  vpalignr xmm12, xmm14, [rsp+64], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+160]
  sha256msg1 xmm12, [rsp+176]
  vpalignr xmm13, xmm15, [rsp+128], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+160], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+224]
  sha256msg1 xmm13, [rsp+240]
  vpalignr xmm14, xmm9, [rsp+192], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+224], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm14, [rsp+48]
  sha256msg1 xmm14, [rsp+0]
  vpalignr xmm15, xmm10, [rsp+16], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+112]
  sha256msg1 xmm15, [rsp+64]
  vpalignr xmm9, xmm11, [rsp+80], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+176]
  sha256msg1 xmm9, [rsp+128]
  vpalignr xmm10, xmm12, [rsp+144], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+240]
  sha256msg1 xmm10, [rsp+192]
  vpalignr xmm11, xmm13, [rsp+208], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm5, xmm5, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm6, xmm6, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm7, xmm7, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm8, xmm8, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm11, xmm1, 0x1b
  vpshufd xmm12, xmm2, 0xb1
  vpblendw xmm0, xmm11, xmm12, 0xf0
  vpalignr xmm12, xmm12, xmm11, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm12
  vpshufd xmm11, xmm3, 0x1b
  vpshufd xmm12, xmm4, 0xb1
  vpblendw xmm0, xmm11, xmm12, 0xf0
  vpalignr xmm12, xmm12, xmm11, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm12
  vpshufd xmm11, xmm5, 0x1b
  vpshufd xmm12, xmm6, 0xb1
  vpblendw xmm0, xmm11, xmm12, 0xf0
  vpalignr xmm12, xmm12, xmm11, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm12
  vpshufd xmm11, xmm7, 0x1b
  vpshufd xmm12, xmm8, 0xb1
  vpblendw xmm0, xmm11, xmm12, 0xf0
  vpalignr xmm12, xmm12, xmm11, 8
  vmovdqa [rsp+192], xmm0
  vmovdqa [rsp+208], xmm12
  add rsi, 128
  dec rdx
  jnz 2b
9:
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  vmovdqa xmm0, [rsp+64]
  vmovdqu [rdi+32], xmm0
  vmovdqa xmm0, [rsp+80]
  vmovdqu [rdi+48], xmm0
  vmovdqa xmm0, [rsp+128]
  vmovdqu [rdi+64], xmm0
  vmovdqa xmm0, [rsp+144]
  vmovdqu [rdi+80], xmm0
  vmovdqa xmm0, [rsp+192]
  vmovdqu [rdi+96], xmm0
  vmovdqa xmm0, [rsp+208]
  vmovdqu [rdi+112], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_4
.hidden sluice_sha_ni_compress_4
.p2align 6
sluice_sha_ni_compress_4:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 384
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqu xmm5, [rdi+64]
  vmovdqu xmm6, [rdi+80]
  vmovdqu xmm7, [rdi+96]
  vmovdqu xmm8, [rdi+112]
  vmovdqa [rsp+256], xmm1
  vmovdqa [rsp+272], xmm2
  vmovdqa [rsp+288], xmm3
  vmovdqa [rsp+304], xmm4
  vmovdqa [rsp+320], xmm5
  vmovdqa [rsp+336], xmm6
  vmovdqa [rsp+352], xmm7
  vmovdqa [rsp+368], xmm8
  vmovdqu xmm11, [rsi+0]
  vmovdqa [rsp+0], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm11, [rsi+64]
  vmovdqa [rsp+64], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm11, [rsi+128]
  vmovdqa [rsp+128], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm11, [rsi+192]
  vmovdqa [rsp+192], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm11, [rsi+16]
  vmovdqa [rsp+16], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm11, [rsi+80]
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm11, [rsi+144]
  vmovdqa [rsp+144], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm11, [rsi+208]
  vmovdqa [rsp+208], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm11, [rsi+32]
  vmovdqa [rsp+32], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqu xmm11, [rsi+96]
  vmovdqa [rsp+96], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqu xmm11, [rsi+160]
  vmovdqa [rsp+160], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqu xmm11, [rsi+224]
  vmovdqa [rsp+224], xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+32]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm14, [rsi+48]
  vmovdqa [rsp+48], xmm14
  vmovdqu xmm15, [rsi+112]
  vmovdqa [rsp+112], xmm15
  vmovdqu xmm9, [rsi+176]
  vmovdqa [rsp+176], xmm9
  vmovdqu xmm10, [rsi+240]
  vmovdqa [rsp+240], xmm10
  vmovdqa xmm11, [rsp+0]
  sha256msg1 xmm11, [rsp+16]
  vpalignr xmm12, xmm14, [rsp+32], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+0], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+64]
  sha256msg1 xmm12, [rsp+80]
  vpalignr xmm13, xmm15, [rsp+96], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+64], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+128]
  sha256msg1 xmm13, [rsp+144]
  vpalignr xmm14, xmm9, [rsp+160], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+128], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm14, [rsp+192]
  sha256msg1 xmm14, [rsp+208]
  vpalignr xmm15, xmm10, [rsp+224], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+192], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+48]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm15, [rsp+16]
  sha256msg1 xmm15, [rsp+32]
  vpalignr xmm9, xmm11, [rsp+48], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+16], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+80]
  sha256msg1 xmm9, [rsp+96]
  vpalignr xmm10, xmm12, [rsp+112], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+80], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+144]
  sha256msg1 xmm10, [rsp+160]
  vpalignr xmm11, xmm13, [rsp+176], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+144], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm11, [rsp+208]
  sha256msg1 xmm11, [rsp+224]
  vpalignr xmm12, xmm14, [rsp+240], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+208], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm12, [rsp+32]
  sha256msg1 xmm12, [rsp+48]
  vpalignr xmm13, xmm15, [rsp+0], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+32], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+96]
  sha256msg1 xmm13, [rsp+112]
  vpalignr xmm14, xmm9, [rsp+64], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+96], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+160]
  sha256msg1 xmm14, [rsp+176]
  vpalignr xmm15, xmm10, [rsp+128], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+160], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm15, [rsp+224]
  sha256msg1 xmm15, [rsp+240]
  vpalignr xmm9, xmm11, [rsp+192], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+224], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm9, [rsp+48]
  sha256msg1 xmm9, [rsp+0]
  vpalignr xmm10, xmm12, [rsp+16], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+48], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+112]
  sha256msg1 xmm10, [rsp+64]
  vpalignr xmm11, xmm13, [rsp+80], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+112], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+176]
  sha256msg1 xmm11, [rsp+128]
  vpalignr xmm12, xmm14, [rsp+144], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+176], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm12, [rsp+240]
  sha256msg1 xmm12, [rsp+192]
  vpalignr xmm13, xmm15, [rsp+208], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+240], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm13, [rsp+0]
  sha256msg1 xmm13, [rsp+16]
  vpalignr xmm14, xmm9, [rsp+32], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+0], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+64]
  sha256msg1 xmm14, [rsp+80]
  vpalignr xmm15, xmm10, [rsp+96], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+64], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+128]
  sha256msg1 xmm15, [rsp+144]
  vpalignr xmm9, xmm11, [rsp+160], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+128], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm9, [rsp+192]
  sha256msg1 xmm9, [rsp+208]
  vpalignr xmm10, xmm12, [rsp+224], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+192], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm10, [rsp+16]
  sha256msg1 xmm10, [rsp+32]
  vpalignr xmm11, xmm13, [rsp+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+16], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+80]
  sha256msg1 xmm11, [rsp+96]
  vpalignr xmm12, xmm14, [rsp+112], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+80], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+144]
  sha256msg1 xmm12, [rsp+160]
  vpalignr xmm13, xmm15, [rsp+176], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+144], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+208]
  sha256msg1 xmm13, [rsp+224]
  vpalignr xmm14, xmm9, [rsp+240], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+208], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm14, [rsp+32]
  sha256msg1 xmm14, [rsp+48]
  vpalignr xmm15, xmm10, [rsp+0], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+32], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+96]
  sha256msg1 xmm15, [rsp+112]
  vpalignr xmm9, xmm11, [rsp+64], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+96], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+160]
  sha256msg1 xmm9, [rsp+176]
  vpalignr xmm10, xmm12, [rsp+128], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+160], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+224]
  sha256msg1 xmm10, [rsp+240]
  vpalignr xmm11, xmm13, [rsp+192], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+224], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm11, [rsp+48]
  sha256msg1 xmm11, [rsp+0]
  vpalignr xmm12, xmm14, [rsp+16], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+48], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+112]
  sha256msg1 xmm12, [rsp+64]
  vpalignr xmm13, xmm15, [rsp+80], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+112], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+176]
  sha256msg1 xmm13, [rsp+128]
  vpalignr xmm14, xmm9, [rsp+144], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+176], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm14, [rsp+240]
  sha256msg1 xmm14, [rsp+192]
  vpalignr xmm15, xmm10, [rsp+208], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+240], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm15, [rsp+0]
  sha256msg1 xmm15, [rsp+16]
  vpalignr xmm9, xmm11, [rsp+32], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+0], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+64]
  sha256msg1 xmm9, [rsp+80]
  vpalignr xmm10, xmm12, [rsp+96], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+64], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+128]
  sha256msg1 xmm10, [rsp+144]
  vpalignr xmm11, xmm13, [rsp+160], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+128], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm11, [rsp+192]
  sha256msg1 xmm11, [rsp+208]
  vpalignr xmm12, xmm14, [rsp+224], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+192], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm12, [rsp+16]
  sha256msg1 xmm12, [rsp+32]
  vpalignr xmm13, xmm15, [rsp+48], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+16], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+80]
  sha256msg1 xmm13, [rsp+96]
  vpalignr xmm14, xmm9, [rsp+112], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+80], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+144]
  sha256msg1 xmm14, [rsp+160]
  vpalignr xmm15, xmm10, [rsp+176], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+144], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm15, [rsp+208]
  sha256msg1 xmm15, [rsp+224]
  vpalignr xmm9, xmm11, [rsp+240], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+208], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm9, [rsp+32]
  sha256msg1 xmm9, [rsp+48]
  vpalignr xmm10, xmm12, [rsp+0], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+32], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+96]
  sha256msg1 xmm10, [rsp+112]
  vpalignr xmm11, xmm13, [rsp+64], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+96], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+160]
  sha256msg1 xmm11, [rsp+176]
  vpalignr xmm12, xmm14, [rsp+128], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+160], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm12, [rsp+224]
  sha256msg1 xmm12, [rsp+240]
  vpalignr xmm13, xmm15, [rsp+192], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+224], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm13, [rsp+48]
  sha256msg1 xmm13, [rsp+0]
  vpalignr xmm14, xmm9, [rsp+16], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+112]
  sha256msg1 xmm14, [rsp+64]
  vpalignr xmm15, xmm10, [rsp+80], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+176]
  sha256msg1 xmm15, [rsp+128]
  vpalignr xmm9, xmm11, [rsp+144], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm9, [rsp+240]
  sha256msg1 xmm9, [rsp+192]
  vpalignr xmm10, xmm12, [rsp+208], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm1, xmm1, [rsp+256]
  vpaddd xmm2, xmm2, [rsp+272]
  vpaddd xmm3, xmm3, [rsp+288]
  vpaddd xmm4, xmm4, [rsp+304]
  vpaddd xmm5, xmm5, [rsp+320]
  vpaddd xmm6, xmm6, [rsp+336]
  vpaddd xmm7, xmm7, [rsp+352]
  vpaddd xmm8, xmm8, [rsp+368]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  vmovdqu [rdi+32], xmm3
  vmovdqu [rdi+48], xmm4
  vmovdqu [rdi+64], xmm5
  vmovdqu [rdi+80], xmm6
  vmovdqu [rdi+96], xmm7
  vmovdqu [rdi+112], xmm8
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_compress_constant_4
.hidden sluice_sha_ni_compress_constant_4
.p2align 6
sluice_sha_ni_compress_constant_4:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 384
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqu xmm5, [rdi+64]
  vmovdqu xmm6, [rdi+80]
  vmovdqu xmm7, [rdi+96]
  vmovdqu xmm8, [rdi+112]
  vmovdqa [rsp+256], xmm1
  vmovdqa [rsp+272], xmm2
  vmovdqa [rsp+288], xmm3
  vmovdqa [rsp+304], xmm4
  vmovdqa [rsp+320], xmm5
  vmovdqa [rsp+336], xmm6
  vmovdqa [rsp+352], xmm7
  vmovdqa [rsp+368], xmm8
  vmovdqu xmm0, [rsi+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+32]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+40]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+48]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+56]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+64]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+72]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+80]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+88]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+96]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+104]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+112]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+120]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+128]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+136]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+144]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+152]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+160]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+168]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+176]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+184]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+192]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+200]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+208]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+216]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+224]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+232]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [rsi+240]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [rsi+248]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm1, xmm1, [rsp+256]
  vpaddd xmm2, xmm2, [rsp+272]
  vpaddd xmm3, xmm3, [rsp+288]
  vpaddd xmm4, xmm4, [rsp+304]
  vpaddd xmm5, xmm5, [rsp+320]
  vpaddd xmm6, xmm6, [rsp+336]
  vpaddd xmm7, xmm7, [rsp+352]
  vpaddd xmm8, xmm8, [rsp+368]
  vmovdqu [rdi+0], xmm1
  vmovdqu [rdi+16], xmm2
  vmovdqu [rdi+32], xmm3
  vmovdqu [rdi+48], xmm4
  vmovdqu [rdi+64], xmm5
  vmovdqu [rdi+80], xmm6
  vmovdqu [rdi+96], xmm7
  vmovdqu [rdi+112], xmm8
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
.globl sluice_sha_ni_hash_digests_4
.hidden sluice_sha_ni_hash_digests_4
.p2align 6
sluice_sha_ni_hash_digests_4:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  and rsp, -64
  sub rsp, 384
  vmovdqu xmm1, [rdi+0]
  vmovdqu xmm2, [rdi+16]
  vmovdqu xmm3, [rdi+32]
  vmovdqu xmm4, [rdi+48]
  vmovdqu xmm5, [rdi+64]
  vmovdqu xmm6, [rdi+80]
  vmovdqu xmm7, [rdi+96]
  vmovdqu xmm8, [rdi+112]
  lea r8, [rip+sluice_sha_ni_behind_digest]
  vpshufd xmm10, xmm1, 0x1b
  vpshufd xmm11, xmm2, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm11
  vpshufd xmm10, xmm3, 0x1b
  vpshufd xmm11, xmm4, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm11
  vpshufd xmm10, xmm5, 0x1b
  vpshufd xmm11, xmm6, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm11
  vpshufd xmm10, xmm7, 0x1b
  vpshufd xmm11, xmm8, 0xb1
  vpblendw xmm0, xmm10, xmm11, 0xf0
  vpalignr xmm11, xmm11, xmm10, 8
  vmovdqa [rsp+192], xmm0
  vmovdqa [rsp+208], xmm11
  vmovdqa xmm1, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm2, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm3, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm4, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm5, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm6, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm7, [rip+sluice_sha_ni_initial+0]
  vmovdqa xmm8, [rip+sluice_sha_ni_initial+16]
  vmovdqa xmm0, [rsp+0]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+64]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+128]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+192]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+0]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm0, [rsp+16]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm0, [rsp+80]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm0, [rsp+144]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm0, [rsp+208]
  vpaddd xmm0, xmm0, [rip+sluice_sha_ni_constants+16]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [r8+0]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [r8+8]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqu xmm0, [r8+16]
  sha256rnds2 xmm2, xmm1, xmm0
  sha256rnds2 xmm4, xmm3, xmm0
  sha256rnds2 xmm6, xmm5, xmm0
  sha256rnds2 xmm8, xmm7, xmm0
  vmovq xmm0, qword ptr [r8+24]
  sha256rnds2 xmm1, xmm2, xmm0
  sha256rnds2 xmm3, xmm4, xmm0
  sha256rnds2 xmm5, xmm6, xmm0
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm10, [rsp+0]
  sha256msg1 xmm10, [rsp+16]
  vpaddd xmm10, xmm10, [r8+64]
  sha256msg2 xmm10, [r8+48]
  vmovdqa [rsp+0], xmm10
  vmovdqa xmm11, [rsp+64]
  sha256msg1 xmm11, [rsp+80]
  vpaddd xmm11, xmm11, [r8+64]
  sha256msg2 xmm11, [r8+48]
  vmovdqa [rsp+64], xmm11
  vmovdqa xmm12, [rsp+128]
  sha256msg1 xmm12, [rsp+144]
  vpaddd xmm12, xmm12, [r8+64]
  sha256msg2 xmm12, [r8+48]
  vmovdqa [rsp+128], xmm12
  vmovdqa xmm13, [rsp+192]
  sha256msg1 xmm13, [rsp+208]
  vpaddd xmm13, xmm13, [r8+64]
  sha256msg2 xmm13, [r8+48]
  vmovdqa [rsp+192], xmm13
  vmovdqa xmm14, [rsp+16]
  sha256msg1 xmm14, [r8+32]
  vpalignr xmm15, xmm10, [r8+48], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+16], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+80]
  sha256msg1 xmm15, [r8+32]
  vpalignr xmm9, xmm11, [r8+48], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+80], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+144]
  sha256msg1 xmm9, [r8+32]
  vpalignr xmm10, xmm12, [r8+48], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+144], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+208]
  sha256msg1 xmm10, [r8+32]
  vpalignr xmm11, xmm13, [r8+48], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+208], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+64]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpalignr xmm11, xmm14, [rsp+0], 4
  vpaddd xmm11, xmm11, [r8+80]
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+32], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpalignr xmm12, xmm15, [rsp+64], 4
  vpaddd xmm12, xmm12, [r8+80]
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+96], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpalignr xmm13, xmm9, [rsp+128], 4
  vpaddd xmm13, xmm13, [r8+80]
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+160], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpalignr xmm14, xmm10, [rsp+192], 4
  vpaddd xmm14, xmm14, [r8+80]
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+224], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+80]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm15, [r8+48]
  sha256msg1 xmm15, [rsp+0]
  vpalignr xmm9, xmm11, [rsp+16], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+48], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [r8+48]
  sha256msg1 xmm9, [rsp+64]
  vpalignr xmm10, xmm12, [rsp+80], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+112], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [r8+48]
  sha256msg1 xmm10, [rsp+128]
  vpalignr xmm11, xmm13, [rsp+144], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+176], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm11, [r8+48]
  sha256msg1 xmm11, [rsp+192]
  vpalignr xmm12, xmm14, [rsp+208], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+240], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+96]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm12, [rsp+0]
  sha256msg1 xmm12, [rsp+16]
  vpalignr xmm13, xmm15, [rsp+32], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+0], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+64]
  sha256msg1 xmm13, [rsp+80]
  vpalignr xmm14, xmm9, [rsp+96], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+64], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+128]
  sha256msg1 xmm14, [rsp+144]
  vpalignr xmm15, xmm10, [rsp+160], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+128], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm15, [rsp+192]
  sha256msg1 xmm15, [rsp+208]
  vpalignr xmm9, xmm11, [rsp+224], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+192], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+112]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm9, [rsp+16]
  sha256msg1 xmm9, [rsp+32]
  vpalignr xmm10, xmm12, [rsp+48], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+16], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm10, [rsp+80]
  sha256msg1 xmm10, [rsp+96]
  vpalignr xmm11, xmm13, [rsp+112], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+80], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm11, [rsp+144]
  sha256msg1 xmm11, [rsp+160]
  vpalignr xmm12, xmm14, [rsp+176], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+144], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm12, [rsp+208]
  sha256msg1 xmm12, [rsp+224]
  vpalignr xmm13, xmm15, [rsp+240], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+208], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+128]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm13, [rsp+32]
  sha256msg1 xmm13, [rsp+48]
  vpalignr xmm14, xmm9, [rsp+0], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+32], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm14, [rsp+96]
  sha256msg1 xmm14, [rsp+112]
  vpalignr xmm15, xmm10, [rsp+64], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+96], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm15, [rsp+160]
  sha256msg1 xmm15, [rsp+176]
  vpalignr xmm9, xmm11, [rsp+128], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+160], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm9, [rsp+224]
  sha256msg1 xmm9, [rsp+240]
  vpalignr xmm10, xmm12, [rsp+192], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+224], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+144]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm10, [rsp+48]
  sha256msg1 xmm10, [rsp+0]
  vpalignr xmm11, xmm13, [rsp+16], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+48], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm11, [rsp+112]
  sha256msg1 xmm11, [rsp+64]
  vpalignr xmm12, xmm14, [rsp+80], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+112], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm12, [rsp+176]
  sha256msg1 xmm12, [rsp+128]
  vpalignr xmm13, xmm15, [rsp+144], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+176], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm13, [rsp+240]
  sha256msg1 xmm13, [rsp+192]
  vpalignr xmm14, xmm9, [rsp+208], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+240], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+160]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm14, [rsp+0]
  sha256msg1 xmm14, [rsp+16]
  vpalignr xmm15, xmm10, [rsp+32], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+0], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm15, [rsp+64]
  sha256msg1 xmm15, [rsp+80]
  vpalignr xmm9, xmm11, [rsp+96], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+64], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm9, [rsp+128]
  sha256msg1 xmm9, [rsp+144]
  vpalignr xmm10, xmm12, [rsp+160], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+128], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm10, [rsp+192]
  sha256msg1 xmm10, [rsp+208]
  vpalignr xmm11, xmm13, [rsp+224], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+192], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+176]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm11, [rsp+16]
  sha256msg1 xmm11, [rsp+32]
  vpalignr xmm12, xmm14, [rsp+48], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+16], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm12, [rsp+80]
  sha256msg1 xmm12, [rsp+96]
  vpalignr xmm13, xmm15, [rsp+112], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vmovdqa [rsp+80], xmm12
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm13, [rsp+144]
  sha256msg1 xmm13, [rsp+160]
  vpalignr xmm14, xmm9, [rsp+176], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vmovdqa [rsp+144], xmm13
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm14, [rsp+208]
  sha256msg1 xmm14, [rsp+224]
  vpalignr xmm15, xmm10, [rsp+240], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vmovdqa [rsp+208], xmm14
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+192]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm15, [rsp+32]
  sha256msg1 xmm15, [rsp+48]
  vpalignr xmm9, xmm11, [rsp+0], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vmovdqa [rsp+32], xmm15
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm9, [rsp+96]
  sha256msg1 xmm9, [rsp+112]
  vpalignr xmm10, xmm12, [rsp+64], 4
  vpaddd xmm9, xmm9, xmm10
  sha256msg2 xmm9, xmm12
  vmovdqa [rsp+96], xmm9
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm10, [rsp+160]
  sha256msg1 xmm10, [rsp+176]
  vpalignr xmm11, xmm13, [rsp+128], 4
  vpaddd xmm10, xmm10, xmm11
  sha256msg2 xmm10, xmm13
  vmovdqa [rsp+160], xmm10
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm11, [rsp+224]
  sha256msg1 xmm11, [rsp+240]
  vpalignr xmm12, xmm14, [rsp+192], 4
  vpaddd xmm11, xmm11, xmm12
  sha256msg2 xmm11, xmm14
  vmovdqa [rsp+224], xmm11
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+208]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vmovdqa xmm12, [rsp+48]
  sha256msg1 xmm12, [rsp+0]
  vpalignr xmm13, xmm15, [rsp+16], 4
  vpaddd xmm12, xmm12, xmm13
  sha256msg2 xmm12, xmm15
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vmovdqa xmm13, [rsp+112]
  sha256msg1 xmm13, [rsp+64]
  vpalignr xmm14, xmm9, [rsp+80], 4
  vpaddd xmm13, xmm13, xmm14
  sha256msg2 xmm13, xmm9
  vpaddd xmm0, xmm9, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vmovdqa xmm14, [rsp+176]
  sha256msg1 xmm14, [rsp+128]
  vpalignr xmm15, xmm10, [rsp+144], 4
  vpaddd xmm14, xmm14, xmm15
  sha256msg2 xmm14, xmm10
  vpaddd xmm0, xmm10, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vmovdqa xmm15, [rsp+240]
  sha256msg1 xmm15, [rsp+192]
  vpalignr xmm9, xmm11, [rsp+208], 4
  vpaddd xmm15, xmm15, xmm9
  sha256msg2 xmm15, xmm11
  vpaddd xmm0, xmm11, [rip+sluice_sha_ni_constants+224]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm0, xmm12, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm2, xmm1, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm1, xmm2, xmm0
  vpaddd xmm0, xmm13, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm4, xmm3, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm3, xmm4, xmm0
  vpaddd xmm0, xmm14, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm6, xmm5, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm5, xmm6, xmm0
  vpaddd xmm0, xmm15, [rip+sluice_sha_ni_constants+240]
  sha256rnds2 xmm8, xmm7, xmm0
  vpshufd xmm0, xmm0, 14
  sha256rnds2 xmm7, xmm8, xmm0
  vpaddd xmm1, xmm1, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm2, xmm2, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm3, xmm3, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm4, xmm4, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm5, xmm5, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm6, xmm6, [rip+sluice_sha_ni_initial+16]
  vpaddd xmm7, xmm7, [rip+sluice_sha_ni_initial+0]
  vpaddd xmm8, xmm8, [rip+sluice_sha_ni_initial+16]
  vpshufd xmm9, xmm1, 0x1b
  vpshufd xmm10, xmm2, 0xb1
  vpblendw xmm0, xmm9, xmm10, 0xf0
  vpalignr xmm10, xmm10, xmm9, 8
  vmovdqa [rsp+0], xmm0
  vmovdqa [rsp+16], xmm10
  vpshufd xmm9, xmm3, 0x1b
  vpshufd xmm10, xmm4, 0xb1
  vpblendw xmm0, xmm9, xmm10, 0xf0
  vpalignr xmm10, xmm10, xmm9, 8
  vmovdqa [rsp+64], xmm0
  vmovdqa [rsp+80], xmm10
  vpshufd xmm9, xmm5, 0x1b
  vpshufd xmm10, xmm6, 0xb1
  vpblendw xmm0, xmm9, xmm10, 0xf0
  vpalignr xmm10, xmm10, xmm9, 8
  vmovdqa [rsp+128], xmm0
  vmovdqa [rsp+144], xmm10
  vpshufd xmm9, xmm7, 0x1b
  vpshufd xmm10, xmm8, 0xb1
  vpblendw xmm0, xmm9, xmm10, 0xf0
  vpalignr xmm10, xmm10, xmm9, 8
  vmovdqa [rsp+192], xmm0
  vmovdqa [rsp+208], xmm10
  vmovdqa xmm0, [rsp+0]
  vmovdqu [rdi+0], xmm0
  vmovdqa xmm0, [rsp+16]
  vmovdqu [rdi+16], xmm0
  vmovdqa xmm0, [rsp+64]
  vmovdqu [rdi+32], xmm0
  vmovdqa xmm0, [rsp+80]
  vmovdqu [rdi+48], xmm0
  vmovdqa xmm0, [rsp+128]
  vmovdqu [rdi+64], xmm0
  vmovdqa xmm0, [rsp+144]
  vmovdqu [rdi+80], xmm0
  vmovdqa xmm0, [rsp+192]
  vmovdqu [rdi+96], xmm0
  vmovdqa xmm0, [rsp+208]
  vmovdqu [rdi+112], xmm0
  mov rsp, rbp
  pop rbp
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc

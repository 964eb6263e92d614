# Written by generator.rs beside this file: `cargo run -p sluice-sha256d --example generate_assembly`.
# Not to be edited by hand; a test compares it with what is generated.
.text
.globl sluice_mix_compress
.hidden sluice_mix_compress
.p2align 6
sluice_mix_compress:
2:
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  vpaddd xmm6, xmm13, xmm13
  vpaddd xmm7, xmm13, xmm13
  vpaddd xmm8, xmm13, xmm13
  vpaddd xmm9, xmm13, xmm13
  vpaddd xmm10, xmm13, xmm13
  vpaddd xmm11, xmm13, xmm13
  vpaddd xmm12, xmm13, xmm13
  dec rdi
  jnz 2b
  vzeroupper
  ret
.globl sluice_mix_compress_constant
.hidden sluice_mix_compress_constant
.p2align 6
sluice_mix_compress_constant:
2:
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  vpaddd xmm10, xmm13, xmm13
  vpaddd xmm11, xmm13, xmm13
  vpaddd xmm12, xmm13, xmm13
  vpaddd xmm1, xmm13, xmm13
  vpaddd xmm2, xmm13, xmm13
  vpaddd xmm3, xmm13, xmm13
  vpaddd xmm4, xmm13, xmm13
  dec rdi
  jnz 2b
  vzeroupper
  ret
.globl sluice_mix_half_block
.hidden sluice_mix_half_block
.p2align 6
sluice_mix_half_block:
2:
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256rnds2 xmm1, xmm13, xmm0
  sha256rnds2 xmm2, xmm13, xmm0
  sha256rnds2 xmm3, xmm13, xmm0
  sha256rnds2 xmm4, xmm13, xmm0
  sha256rnds2 xmm5, xmm13, xmm0
  sha256rnds2 xmm6, xmm13, xmm0
  sha256rnds2 xmm7, xmm13, xmm0
  sha256rnds2 xmm8, xmm13, xmm0
  sha256rnds2 xmm9, xmm13, xmm0
  sha256rnds2 xmm10, xmm13, xmm0
  sha256rnds2 xmm11, xmm13, xmm0
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpaddd xmm2, xmm13, xmm13
  sha256msg2 xmm3, xmm13
  sha256msg1 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256msg2 xmm6, xmm13
  sha256msg1 xmm7, xmm13
  vpaddd xmm8, xmm13, xmm13
  sha256msg2 xmm9, xmm13
  sha256msg1 xmm10, xmm13
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpalignr xmm9, xmm13, xmm13, 4
  vpaddd xmm10, xmm13, xmm13
  sha256msg2 xmm11, xmm13
  vpaddd xmm12, xmm13, xmm13
  sha256rnds2 xmm1, xmm13, xmm0
  vpshufd xmm2, xmm13, 14
  sha256rnds2 xmm3, xmm13, xmm0
  vpalignr xmm4, xmm13, xmm13, 4
  vpaddd xmm5, xmm13, xmm13
  sha256msg2 xmm6, xmm13
  vpaddd xmm7, xmm13, xmm13
  sha256rnds2 xmm8, xmm13, xmm0
  vpshufd xmm9, xmm13, 14
  sha256rnds2 xmm10, xmm13, xmm0
  vpalignr xmm11, xmm13, xmm13, 4
  vpaddd xmm12, xmm13, xmm13
  sha256msg2 xmm1, xmm13
  vpaddd xmm2, xmm13, xmm13
  sha256rnds2 xmm3, xmm13, xmm0
  vpshufd xmm4, xmm13, 14
  sha256rnds2 xmm5, xmm13, xmm0
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  sha256msg1 xmm1, xmm13
  vpalignr xmm2, xmm13, xmm13, 4
  vpaddd xmm3, xmm13, xmm13
  sha256msg2 xmm4, xmm13
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  sha256msg1 xmm9, xmm13
  vpalignr xmm10, xmm13, xmm13, 4
  vpaddd xmm11, xmm13, xmm13
  sha256msg2 xmm12, xmm13
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  sha256msg1 xmm5, xmm13
  vpalignr xmm6, xmm13, xmm13, 4
  vpaddd xmm7, xmm13, xmm13
  sha256msg2 xmm8, xmm13
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  sha256rnds2 xmm6, xmm13, xmm0
  vpshufd xmm7, xmm13, 14
  sha256rnds2 xmm8, xmm13, xmm0
  vpaddd xmm9, xmm13, xmm13
  sha256rnds2 xmm10, xmm13, xmm0
  vpshufd xmm11, xmm13, 14
  sha256rnds2 xmm12, xmm13, xmm0
  vpaddd xmm1, xmm13, xmm13
  sha256rnds2 xmm2, xmm13, xmm0
  vpshufd xmm3, xmm13, 14
  sha256rnds2 xmm4, xmm13, xmm0
  vpaddd xmm5, xmm13, xmm13
  vpaddd xmm6, xmm13, xmm13
  vpaddd xmm7, xmm13, xmm13
  vpaddd xmm8, xmm13, xmm13
  vpaddd xmm9, xmm13, xmm13
  vpaddd xmm10, xmm13, xmm13
  vpaddd xmm11, xmm13, xmm13
  vpaddd xmm12, xmm13, xmm13
  vpshufd xmm1, xmm13, 0x1b
  vpshufd xmm2, xmm13, 0xb1
  vpblendw xmm3, xmm13, xmm13, 0xf0
  vpalignr xmm4, xmm13, xmm13, 8
  vpshufd xmm5, xmm13, 0x1b
  vpshufd xmm6, xmm13, 0xb1
  vpblendw xmm7, xmm13, xmm13, 0xf0
  vpalignr xmm8, xmm13, xmm13, 8
  vpshufd xmm9, xmm13, 0x1b
  vpshufd xmm10, xmm13, 0xb1
  vpblendw xmm11, xmm13, xmm13, 0xf0
  vpalignr xmm12, xmm13, xmm13, 8
  vpshufd xmm1, xmm13, 0x1b
  vpshufd xmm2, xmm13, 0xb1
  vpblendw xmm3, xmm13, xmm13, 0xf0
  vpalignr xmm4, xmm13, xmm13, 8
  dec rdi
  jnz 2b
  vzeroupper
  ret
.globl sluice_mix_avx2_round
.hidden sluice_mix_avx2_round
.p2align 6
sluice_mix_avx2_round:
2:
  vpaddd ymm0, ymm13, ymm14
  vpaddd ymm1, ymm13, ymm14
  vpaddd ymm2, ymm13, ymm14
  vpsrld ymm3, ymm13, 7
  vpslld ymm4, ymm13, 7
  vpxor ymm5, ymm13, ymm14
  vpsrld ymm6, ymm13, 7
  vpslld ymm7, ymm13, 7
  vpxor ymm8, ymm13, ymm14
  vpxor ymm9, ymm13, ymm14
  vpsrld ymm10, ymm13, 7
  vpslld ymm11, ymm13, 7
  vpxor ymm12, ymm13, ymm14
  vpxor ymm0, ymm13, ymm14
  vpxor ymm1, ymm13, ymm14
  vpand ymm2, ymm13, ymm14
  vpxor ymm3, ymm13, ymm14
  vpxor ymm4, ymm13, ymm14
  vpand ymm5, ymm13, ymm14
  vpxor ymm6, ymm13, ymm14
  vpsrld ymm7, ymm13, 7
  vpslld ymm8, ymm13, 7
  vpxor ymm9, ymm13, ymm14
  vpsrld ymm10, ymm13, 7
  vpslld ymm11, ymm13, 7
  vpxor ymm12, ymm13, ymm14
  vpxor ymm0, ymm13, ymm14
  vpsrld ymm1, ymm13, 7
  vpslld ymm2, ymm13, 7
  vpxor ymm3, ymm13, ymm14
  vpxor ymm4, ymm13, ymm14
  vpaddd ymm5, ymm13, ymm14
  vpaddd ymm6, ymm13, ymm14
  vpaddd ymm7, ymm13, ymm14
  vpaddd ymm8, ymm13, ymm14
  vpsrld ymm9, ymm13, 7
  vpslld ymm10, ymm13, 7
  vpxor ymm11, ymm13, ymm14
  vpsrld ymm12, ymm13, 7
  vpslld ymm0, ymm13, 7
  vpxor ymm1, ymm13, ymm14
  vpxor ymm2, ymm13, ymm14
  vpsrld ymm3, ymm13, 7
  vpxor ymm4, ymm13, ymm14
  vpsrld ymm5, ymm13, 7
  vpslld ymm6, ymm13, 7
  vpxor ymm7, ymm13, ymm14
  vpsrld ymm8, ymm13, 7
  vpslld ymm9, ymm13, 7
  vpxor ymm10, ymm13, ymm14
  vpxor ymm11, ymm13, ymm14
  vpsrld ymm12, ymm13, 7
  vpxor ymm0, ymm13, ymm14
  vpaddd ymm1, ymm13, ymm14
  vpaddd ymm2, ymm13, ymm14
  vpaddd ymm3, ymm13, ymm14
  dec rdi
  jnz 2b
  vzeroupper
  ret

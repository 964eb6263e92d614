//! Writes `sha_ni.s`: SHA-256 of one to four messages side by side, on the SHA instructions of x86-64; and
//! `instruction_mix.s`, which measures what a processor could do at best.
//!
//! Why not leave it to the compiler: with four lanes the states fill eight registers and the schedule
//! four more, and LLVM spills states, which stand in the chain that everything waits for. Here states
//! never leave their registers; older words of the schedule wait on the stack.
//!
//! Registers: `xmm0` is what `sha256rnds2` adds, by its definition. Then two a lane for the state, one a
//! lane for the newest four words of its schedule, and the rest is for whatever is being computed.

use std::fmt::Write;

/// The most lanes that the registers suffice for.
const LANES_MAX: usize = 4;

/// W(t) for t below 16 of the block behind a pair of digests: end mark, and 512 bits.
const BEHIND_PAIR: [u32; 16] = [0x8000_0000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 512];
/// W(8..16) behind one digest: end mark, and 256 bits.
const BEHIND_DIGEST: [u32; 8] = [0x8000_0000, 0, 0, 0, 0, 0, 0, 256];

/// Bytes of a quad: four words, one register.
const QUAD: usize = 16;
/// Offsets in `HalfBlock`, which a test of the crate holds in place.
const WORDS: usize = 32;
const SHIFTED: usize = 64;
const EXTENDED: usize = 80;
const HALF_BLOCK_BYTES: usize = 128;

/// The whole of `sha_ni.s`.
pub(crate) fn assembly(round_constants: &[u32; 64], initial_state: &[u32; 8]) -> String {
    let mut text = String::from(NOTICE);
    tables(&mut text, round_constants, initial_state);
    text.push_str(".text\n");
    for lanes in 1..=LANES_MAX {
        Writer::new(&mut text, lanes).functions();
    }
    text
}

const NOTICE: &str = "# Written by generator.rs beside this file: `cargo run -p sluice-sha256d --example \
     generate_assembly`.\n# Not to be edited by hand; a test compares it with what is generated.\n";

type WriteBlock = fn(&mut Writer<'_>);

/// The whole of `instruction_mix.s`: loops over the blocks of four lanes, as many times as `rdi` says, of which no
/// instruction waits for another or for memory; and one over the vector operations of a round on AVX2.
pub(crate) fn instruction_mixes() -> String {
    let mut text = format!("{NOTICE}.text\n");
    let blocks: [(&str, WriteBlock); 3] = [
        ("compress", |writer| writer.compress()),
        ("compress_constant", |writer| writer.compress_constant()),
        ("half_block", |writer| {
            writer.hash_half("r8");
            writer.digests_to_words();
        }),
    ];
    for (name, write) in blocks {
        let mut block = String::new();
        write(&mut Writer::new(&mut block, LANES_MAX));
        let mut destinations = (1..=12).cycle();
        let body: Vec<_> =
            block.lines().filter_map(|line| freed(line, &mut destinations)).collect();
        mix_function(&mut text, &format!("sluice_mix_{name}"), &body);
    }
    mix_function(&mut text, "sluice_mix_avx2_round", &avx2_round());
    text
}

/// The instruction with a destination of its own and sources that never change; moves fall away.
fn freed(line: &str, destinations: &mut impl Iterator<Item = u32>) -> Option<String> {
    let (mnemonic, operands) = line.trim().split_once(' ')?;
    if mnemonic.starts_with("vmov") || mnemonic == "lea" {
        return None;
    }
    let mut freed =
        format!("{mnemonic} xmm{}", destinations.next().expect("they come round and round"));
    for operand in operands.split(", ").skip(1) {
        let is_immediate =
            operand.chars().all(|letter| letter.is_ascii_hexdigit() || letter == 'x');
        let is_implicit = mnemonic == "sha256rnds2" && operand == "xmm0";
        let source = if is_immediate || is_implicit { operand } else { "xmm13" };
        let _ = write!(freed, ", {source}");
    }
    Some(freed)
}

/// The operations of a round and of a word of its schedule: of the four sigmas, choice, majority, and sums.
fn avx2_round() -> Vec<String> {
    let rotation = ["vpsrld", "vpslld", "vpxor"];
    let big = [&rotation[..], &rotation, &["vpxor"], &rotation, &["vpxor"]].concat();
    let small = [&rotation[..], &rotation, &["vpxor"], &["vpsrld", "vpxor"]].concat();
    // The majority takes one of its operations over from the round before.
    let choice_and_majority = &["vpxor", "vpand", "vpxor", "vpxor", "vpand", "vpxor"][..];
    let sums = ["vpaddd"; 10];
    let all =
        [&sums[..3], &big, choice_and_majority, &big, &sums[3..7], &small, &small, &sums[7..]];
    let mut destinations = (0..=12).cycle();
    let mut operation = |mnemonic: &&str| {
        let last = if mnemonic.ends_with("ld") { "7" } else { "ymm14" };
        format!("{mnemonic} ymm{}, ymm13, {last}", destinations.next().expect("they come round"))
    };
    all.concat().iter().map(&mut operation).collect()
}

fn mix_function(text: &mut String, name: &str, body: &[String]) {
    let _ = write!(text, ".globl {name}\n.hidden {name}\n.p2align 6\n{name}:\n2:\n");
    for instruction in body {
        let _ = writeln!(text, "  {instruction}");
    }
    text.push_str("  dec rdi\n  jnz 2b\n  vzeroupper\n  ret\n");
}

/// Constants, aligned as the instructions without a VEX form demand.
fn tables(text: &mut String, round_constants: &[u32; 64], initial: &[u32; 8]) {
    let [a, b, c, d, e, f, g, h] = *initial;
    let half = half_block(round_constants, &BEHIND_DIGEST);
    text.push_str(".section .rodata,\"a\",@progbits\n");
    for (name, words) in [
        ("sluice_sha_ni_constants", round_constants.to_vec()),
        ("sluice_sha_ni_behind_pair", keyed_schedule(round_constants, &BEHIND_PAIR)),
        ("sluice_sha_ni_initial", vec![f, e, b, a, h, g, d, c]),
        ("sluice_sha_ni_behind_digest", half),
    ] {
        let words: Vec<_> = words.iter().map(|word| format!("{word:#010x}")).collect();
        let rows: Vec<_> =
            words.chunks(8).map(|row| format!("  .long {}\n", row.join(","))).collect();
        let _ = write!(text, ".p2align 6\n{name}:\n{}", rows.concat());
    }
}

fn keyed_schedule(round_constants: &[u32; 64], message: &[u32; 16]) -> Vec<u32> {
    let mut words = message.to_vec();
    for t in 16..64 {
        let (near, far) = (words[t - 2], words[t - 15]);
        let sigma1 = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
        let sum = sigma1.wrapping_add(words[t - 7]).wrapping_add(sigma0(far));
        words.push(sum.wrapping_add(words[t - 16]));
    }
    words.iter().zip(round_constants).map(|(word, constant)| word.wrapping_add(*constant)).collect()
}

/// The fields of `HalfBlock` in their order.
fn half_block(round_constants: &[u32; 64], words: &[u32; 8]) -> Vec<u32> {
    let keyed = (0..8).map(|index| words[index].wrapping_add(round_constants[8 + index]));
    let extended = (0..4).map(|index| words[index].wrapping_add(sigma0(words[index + 1])));
    keyed.chain(*words).chain(words[1..5].iter().copied()).chain(extended).collect()
}

fn sigma0(word: u32) -> u32 {
    word.rotate_right(7) ^ word.rotate_right(18) ^ (word >> 3)
}

/// Writes the functions for one count of lanes.
struct Writer<'a> {
    text: &'a mut String,
    lanes: usize,
    /// Each lane's registers `abef` and `cdgh`.
    state: Vec<[String; 2]>,
    /// Each lane's register with the newest four words of its schedule.
    newest: Vec<String>,
    /// What may be overwritten; the first is used next.
    spare: Vec<String>,
    /// Each lane's quad whose words are the newest and whose rounds are still to come: they follow the next words,
    /// which need not wait for them.
    pending: Vec<Option<usize>>,
}

impl<'a> Writer<'a> {
    fn new(text: &'a mut String, lanes: usize) -> Self {
        let mut registers = (1..16).map(|number| format!("xmm{number}"));
        let mut take = || registers.next().expect("four lanes have registers enough");
        let state = (0..lanes).map(|_| [take(), take()]).collect();
        let newest = (0..lanes).map(|_| take()).collect();
        let pending = vec![None; lanes];
        Self { state, newest, spare: registers.collect(), pending, text, lanes }
    }

    fn line(&mut self, instruction: &str) {
        let _ = writeln!(self.text, "  {instruction}");
    }

    /// Quad 0 to 3 of a lane's schedule on the stack; each is overwritten by its successor.
    fn word(&self, lane: usize, quad: usize) -> String {
        format!("[rsp+{}]", (lane * 4 + quad % 4) * QUAD)
    }

    /// Where a lane's state waits while a block is compressed.
    fn saved(&self, lane: usize, half: usize) -> String {
        format!("[rsp+{}]", (self.lanes * 4 + lane * 2 + half) * QUAD)
    }

    /// A lane in memory behind `rdi`.
    fn lane(lane: usize, half: usize) -> String {
        format!("[rdi+{}]", (lane * 2 + half) * QUAD)
    }

    fn functions(&mut self) {
        self.function("fold", Self::fold);
        self.function("compress", Self::compress);
        self.function("compress_constant", Self::compress_constant);
        self.function("hash_digests", Self::hash_digests);
    }

    /// A function for `extern "sysv64"` with an aligned frame for schedules and saved states.
    fn function(&mut self, name: &str, body: fn(&mut Self)) {
        let name = format!("sluice_sha_ni_{name}_{}", self.lanes);
        let frame_bytes = (self.lanes * 6 * QUAD).next_multiple_of(64);
        let _ = write!(self.text, ".globl {name}\n.hidden {name}\n.p2align 6\n{name}:\n");
        self.line(".cfi_startproc");
        self.line("push rbp");
        self.line(".cfi_def_cfa_offset 16");
        self.line(".cfi_offset rbp, -16");
        self.line("mov rbp, rsp");
        self.line(".cfi_def_cfa_register rbp");
        self.line("and rsp, -64");
        self.line(&format!("sub rsp, {frame_bytes}"));
        body(self);
        self.line("mov rsp, rbp");
        self.line("pop rbp");
        self.line(".cfi_def_cfa rsp, 8");
        self.line("ret");
        self.line(".cfi_endproc");
    }

    /// rdi: digests; rsi: siblings; rdx: how many.
    fn fold(&mut self) {
        for lane in 0..self.lanes {
            for half in 0..2 {
                self.line(&format!("vmovdqu xmm0, {}", Self::lane(lane, half)));
                self.line(&format!("vmovdqa {}, xmm0", self.word(lane, half)));
            }
        }
        self.line("lea rcx, [rip+sluice_sha_ni_behind_pair]");
        self.line("lea r8, [rip+sluice_sha_ni_behind_digest]");
        self.line("test rdx, rdx");
        self.line("jz 9f");
        self.text.push_str("2:\n");
        self.hash_half("rsi");
        self.constant_block("rcx");
        self.digests_to_words();
        self.hash_half("r8");
        self.digests_to_words();
        self.line(&format!("add rsi, {HALF_BLOCK_BYTES}"));
        self.line("dec rdx");
        self.line("jnz 2b");
        self.text.push_str("9:\n");
        self.words_to_lanes();
    }

    /// rdi: states; rsi: a message a lane.
    fn compress(&mut self) {
        self.load_states();
        self.save_states();
        for quad in 0..4 {
            for lane in 0..self.lanes {
                // The last quad stays where the schedule looks for the newest words.
                let register = if quad == 3 { &self.newest[lane] } else { &self.spare[0] }.clone();
                let offset = lane * 4 * QUAD + quad * QUAD;
                self.line(&format!("vmovdqu {register}, [rsi+{offset}]"));
                self.line(&format!("vmovdqa {}, {register}", self.word(lane, quad)));
                if quad == 3 {
                    self.pending[lane] = Some(quad);
                } else {
                    self.four_rounds(lane, quad, &register);
                }
            }
        }
        self.scheduled_rounds(4);
        self.add_saved();
        self.store_states();
    }

    /// rdi: states; rsi: the block's keyed schedule.
    fn compress_constant(&mut self) {
        self.load_states();
        self.constant_block("rsi");
        self.store_states();
    }

    /// rdi: states, which become digests.
    fn hash_digests(&mut self) {
        self.load_states();
        self.line("lea r8, [rip+sluice_sha_ni_behind_digest]");
        self.digests_to_words();
        self.hash_half("r8");
        self.digests_to_words();
        self.words_to_lanes();
    }

    fn load_states(&mut self) {
        for (lane, half) in self.halves() {
            self.line(&format!("vmovdqu {}, {}", self.state[lane][half], Self::lane(lane, half)));
        }
    }

    fn store_states(&mut self) {
        for (lane, half) in self.halves() {
            self.line(&format!("vmovdqu {}, {}", Self::lane(lane, half), self.state[lane][half]));
        }
    }

    fn save_states(&mut self) {
        for (lane, half) in self.halves() {
            self.line(&format!("vmovdqa {}, {}", self.saved(lane, half), self.state[lane][half]));
        }
    }

    fn add_saved(&mut self) {
        for (lane, half) in self.halves() {
            let register = &self.state[lane][half];
            self.line(&format!("vpaddd {register}, {register}, {}", self.saved(lane, half)));
        }
    }

    fn halves(&self) -> Vec<(usize, usize)> {
        (0..self.lanes).flat_map(|lane| [(lane, 0), (lane, 1)]).collect()
    }

    fn words_to_lanes(&mut self) {
        for (lane, half) in self.halves() {
            self.line(&format!("vmovdqa xmm0, {}", self.word(lane, half)));
            self.line(&format!("vmovdqu {}, xmm0", Self::lane(lane, half)));
        }
    }

    /// Four rounds of one lane with the words in a register or, as for `vpaddd`, in memory.
    fn four_rounds(&mut self, lane: usize, quad: usize, words: &str) {
        let constants = format!("[rip+sluice_sha_ni_constants+{}]", quad * QUAD);
        self.line(&format!("vpaddd xmm0, {words}, {constants}"));
        let [abef, cdgh] = self.state[lane].clone();
        // Two rounds move A, B, E, F to where C, D, G, H were: the registers change their names.
        self.line(&format!("sha256rnds2 {cdgh}, {abef}, xmm0"));
        self.line("vpshufd xmm0, xmm0, 14");
        self.line(&format!("sha256rnds2 {abef}, {cdgh}, xmm0"));
    }

    /// Four rounds of all lanes with keyed words that they share.
    fn constant_rounds(&mut self, pointer: &str, offset: usize) {
        self.line(&format!("vmovdqu xmm0, [{pointer}+{offset}]"));
        for [abef, cdgh] in self.state.clone() {
            self.line(&format!("sha256rnds2 {cdgh}, {abef}, xmm0"));
        }
        self.line(&format!("vmovq xmm0, qword ptr [{pointer}+{}]", offset + QUAD / 2));
        for [abef, cdgh] in self.state.clone() {
            self.line(&format!("sha256rnds2 {abef}, {cdgh}, xmm0"));
        }
    }

    fn constant_block(&mut self, pointer: &str) {
        self.save_states();
        for quad in 0..16 {
            self.constant_rounds(pointer, quad * QUAD);
        }
        self.add_saved();
    }

    /// From quad `first` on: each lane's next four words, and their rounds.
    fn scheduled_rounds(&mut self, first: usize) {
        for quad in first..16 {
            for lane in 0..self.lanes {
                let (newest, next, shifted) = self.next_words(lane);
                self.line(&format!("vmovdqa {next}, {}", self.word(lane, quad)));
                self.line(&format!("sha256msg1 {next}, {}", self.word(lane, quad + 1)));
                self.line(&format!(
                    "vpalignr {shifted}, {newest}, {}, 4",
                    self.word(lane, quad + 2)
                ));
                self.line(&format!("vpaddd {next}, {next}, {shifted}"));
                self.finish_words(lane, quad, quad < 15);
            }
        }
        (0..self.lanes).for_each(|lane| self.pending_rounds(lane));
    }

    /// Registers of a step of a lane's schedule: the newest words, the next ones, and a third.
    fn next_words(&self, lane: usize) -> (String, String, String) {
        (self.newest[lane].clone(), self.spare[0].clone(), self.spare[1].clone())
    }

    /// The next words get what the newest add to them, become the newest, and are used.
    fn finish_words(&mut self, lane: usize, quad: usize, is_kept: bool) {
        let (newest, next, _) = self.next_words(lane);
        self.line(&format!("sha256msg2 {next}, {newest}"));
        self.take_as_newest(lane, quad, is_kept);
    }

    fn take_as_newest(&mut self, lane: usize, quad: usize, is_kept: bool) {
        let next = self.spare.remove(0);
        if is_kept {
            self.line(&format!("vmovdqa {}, {next}", self.word(lane, quad)));
        }
        self.pending_rounds(lane);
        self.pending[lane] = Some(quad);
        let freed = std::mem::replace(&mut self.newest[lane], next);
        self.spare.push(freed);
    }

    fn pending_rounds(&mut self, lane: usize) {
        if let Some(quad) = self.pending[lane].take() {
            self.four_rounds(lane, quad, &self.newest[lane].clone());
        }
    }

    /// From the initial state, a block of each lane's digest, on the stack, and the half behind `pointer`.
    fn hash_half(&mut self, pointer: &str) {
        self.initial_states();
        for quad in 0..2 {
            for lane in 0..self.lanes {
                self.line(&format!("vmovdqa xmm0, {}", self.word(lane, quad)));
                self.four_rounds(lane, quad, "xmm0");
            }
        }
        self.constant_rounds(pointer, 0);
        self.constant_rounds(pointer, QUAD);
        self.schedule_beside_constants(pointer);
        self.scheduled_rounds(8);
        self.add_initial();
    }

    fn initial_states(&mut self) {
        for (lane, half) in self.halves() {
            let initial = format!("[rip+sluice_sha_ni_initial+{}]", half * QUAD);
            self.line(&format!("vmovdqa {}, {initial}", self.state[lane][half]));
        }
    }

    fn add_initial(&mut self) {
        for (lane, half) in self.halves() {
            let register = &self.state[lane][half];
            let initial = format!("[rip+sluice_sha_ni_initial+{}]", half * QUAD);
            self.line(&format!("vpaddd {register}, {register}, {initial}"));
        }
    }

    /// Quads 4 to 7, whose predecessors are partly constant: what comes of those is known.
    fn schedule_beside_constants(&mut self, pointer: &str) {
        let [third, fourth] = [WORDS, WORDS + QUAD].map(|offset| format!("[{pointer}+{offset}]"));
        for lane in 0..self.lanes {
            let (_, next, _) = self.next_words(lane);
            self.line(&format!("vmovdqa {next}, {}", self.word(lane, 0)));
            self.line(&format!("sha256msg1 {next}, {}", self.word(lane, 1)));
            self.line(&format!("vpaddd {next}, {next}, [{pointer}+{SHIFTED}]"));
            self.line(&format!("sha256msg2 {next}, {fourth}"));
            self.take_as_newest(lane, 4, true);
        }
        for lane in 0..self.lanes {
            let (newest, next, shifted) = self.next_words(lane);
            self.line(&format!("vmovdqa {next}, {}", self.word(lane, 1)));
            self.line(&format!("sha256msg1 {next}, {third}"));
            self.line(&format!("vpalignr {shifted}, {newest}, {fourth}, 4"));
            self.line(&format!("vpaddd {next}, {next}, {shifted}"));
            self.finish_words(lane, 5, true);
        }
        for lane in 0..self.lanes {
            let (newest, next, _) = self.next_words(lane);
            self.line(&format!("vpalignr {next}, {newest}, {}, 4", self.word(lane, 0)));
            self.line(&format!("vpaddd {next}, {next}, [{pointer}+{EXTENDED}]"));
            self.finish_words(lane, 6, true);
        }
        for lane in 0..self.lanes {
            let (newest, next, shifted) = self.next_words(lane);
            self.line(&format!("vmovdqa {next}, {fourth}"));
            self.line(&format!("sha256msg1 {next}, {}", self.word(lane, 0)));
            self.line(&format!("vpalignr {shifted}, {newest}, {}, 4", self.word(lane, 1)));
            self.line(&format!("vpaddd {next}, {next}, {shifted}"));
            self.finish_words(lane, 7, true);
        }
    }

    /// States as the words of a digest, A to D and E to H, on the stack.
    fn digests_to_words(&mut self) {
        for lane in 0..self.lanes {
            let [abef, cdgh] = self.state[lane].clone();
            let [low, high] = [self.spare[0].clone(), self.spare[1].clone()];
            self.line(&format!("vpshufd {low}, {abef}, 0x1b"));
            self.line(&format!("vpshufd {high}, {cdgh}, 0xb1"));
            self.line(&format!("vpblendw xmm0, {low}, {high}, 0xf0"));
            self.line(&format!("vpalignr {high}, {high}, {low}, 8"));
            self.line(&format!("vmovdqa {}, xmm0", self.word(lane, 0)));
            self.line(&format!("vmovdqa {}, {high}", self.word(lane, 1)));
        }
    }
}

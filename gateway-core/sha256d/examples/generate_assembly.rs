//! Writes the files of `assembly/` anew.

#[path = "../assembly/generator.rs"]
mod generator;

fn main() -> std::io::Result<()> {
    let kernels =
        generator::assembly(&sluice_sha256d::ROUND_CONSTANTS, &sluice_sha256d::INITIAL_STATE);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assembly/");
    std::fs::write(format!("{folder}sha_ni.s"), kernels)?;
    std::fs::write(format!("{folder}instruction_mix.s"), generator::instruction_mixes())
}

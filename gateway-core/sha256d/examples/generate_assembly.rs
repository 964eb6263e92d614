//! Writes `assembly/sha_ni.s` anew.

#[path = "../assembly/generator.rs"]
mod generator;

fn main() -> std::io::Result<()> {
    let text =
        generator::assembly(&sluice_sha256d::ROUND_CONSTANTS, &sluice_sha256d::INITIAL_STATE);
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/assembly/sha_ni.s"), text)
}

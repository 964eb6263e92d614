//! The assembly in the tree is what its generator writes.

#[path = "../assembly/generator.rs"]
mod generator;

fn compare(generated: &str, kept: &str) {
    let first_difference = generated.lines().zip(kept.lines()).position(|(new, old)| new != old);
    assert!(
        generated == kept,
        "line {first_difference:?} differs: cargo run -p sluice-sha256d --example generate_assembly"
    );
}

#[test]
fn the_assembly_is_current() {
    let generated =
        generator::assembly(&sluice_sha256d::ROUND_CONSTANTS, &sluice_sha256d::INITIAL_STATE);
    compare(&generated, include_str!("../assembly/sha_ni.s"));
}

#[test]
fn the_instruction_mixes_are_current() {
    compare(&generator::instruction_mixes(), include_str!("../assembly/instruction_mix.s"));
}

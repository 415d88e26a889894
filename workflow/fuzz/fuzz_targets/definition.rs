#![no_main]

libfuzzer_sys::fuzz_target!(
    // The core catches what its expression engine throws, so a panic is no crash before it comes out.
    init: drop(std::panic::take_hook()),
    |bytes: &[u8]| workflow_fuzz::definition(bytes)
);

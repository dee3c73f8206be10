//! The frames between the program and its worker, as they come from the other side.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| semascope::text::fuzzing::read_frames(data));

//! Workspace files.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = semascope::session::Opened::decode(data);
});

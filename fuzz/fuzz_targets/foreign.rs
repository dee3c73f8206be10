//! Our own readers of foreign formats (HTML, OpenDocument, e-books, rich text, mail), which run in
//! the worker. The first byte chooses the format.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let [choice, bytes @ ..] = data {
        semascope::text::fuzzing::read_foreign(*choice, bytes);
    }
});

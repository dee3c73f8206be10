//! Everything that is read in the program itself. The first byte chooses the file name, and with it
//! the reader: text, Markdown, CSV, JSON, JSON Lines, notebooks and subtitles, in any encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let [choice, bytes @ ..] = data {
        semascope::text::fuzzing::read_text(*choice, bytes);
    }
});

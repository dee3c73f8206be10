//! The worker's side: takes a file, parses it, answers, until the other side is gone.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::super::foreign::{self, Extracted};
use super::super::format::Foreign;
use super::super::{MAX_FILE_BYTES, Reason};
use super::{MAX_REPLY_BYTES, MEMORY_CAP, cage, frame};
use crate::memory;

/// Parsers that go deep get this much; the main thread's 8 MB are soon used up.
const STACK_BYTES: usize = 64 << 20;

/// Serves until its input ends, which it does too when the program that started it dies.
///
/// # Errors
/// When the streams break.
pub fn serve() -> io::Result<()> {
    memory::set_cap(MEMORY_CAP);
    cage::close()?;
    // A panic is answered below; its text belongs to nobody.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    while let Some(request) = frame::read(&mut input, MAX_FILE_BYTES as usize + 1)? {
        let parser = thread::Builder::new()
            .name("parser".into())
            .stack_size(STACK_BYTES);
        let parser = parser.spawn(move || answer(&request))?;
        let reply = parser.join().unwrap_or_else(|_| failed());
        frame::write(&mut output, &[&reply])?;
        output.flush()?;
    }
    Ok(())
}

fn answer(request: &[u8]) -> Vec<u8> {
    let found = catch_unwind(AssertUnwindSafe(|| match request {
        [code, bytes @ ..] => match Foreign::from_code(*code) {
            Some(format) => foreign::extract(format, bytes),
            None => Err("a format that this version does not know".into()),
        },
        [] => Err("an empty request".into()),
    }));
    match found {
        Ok(found) => encoded(&found),
        Err(_) => failed(),
    }
}

fn failed() -> Vec<u8> {
    encoded(&Err(
        "damaged in a way that its parser did not expect".into()
    ))
}

fn encoded(found: &Result<Extracted, Reason>) -> Vec<u8> {
    let bytes = serde_json::to_vec(found).expect("text and numbers can be written as JSON");
    if bytes.len() > MAX_REPLY_BYTES {
        let megabytes = MAX_REPLY_BYTES >> 20;
        let too_long: Result<Extracted, Reason> =
            Err(Reason(format!("it holds more than {megabytes} MB of text")));
        return serde_json::to_vec(&too_long).expect("a phrase can be written as JSON");
    }
    bytes
}

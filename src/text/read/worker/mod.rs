//! The worker process in which foreign files are parsed: this same program, started with a hidden
//! flag, killed and started again when it misbehaves.
//!
//! Nothing less holds a bad parser: a panic could be caught, but an overrun stack, an allocation
//! that fails or an endless loop takes the whole process with it.

mod cage;
mod child;
mod frame;

use std::io;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

pub use child::serve as serve_worker;

use super::Reason;
use super::foreign::Extracted;
use super::format::Foreign;
use crate::memory;
use crate::progress::{Cancelled, Progress};

/// The flag with which the program becomes a worker.
pub const WORKER_FLAG: &str = "--extract-worker";

/// Memory of one worker. The hostile and damaged files of the tests stay below 350 MB.
const MEMORY_CAP: usize = 1 << 30;

/// More text than this in one file is no document.
const MAX_REPLY_BYTES: usize = 128 << 20;

/// A file gets 10 seconds, one more for each megabyte, and a minute at most.
fn deadline(n_bytes: usize) -> Duration {
    Duration::from_secs((10 + (n_bytes >> 20) as u64).min(60))
}

/// How often a file is tried again when its worker was killed from outside.
const MAX_TRIES: usize = 6;

/// How to start workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workers {
    program: PathBuf,
}

impl Workers {
    /// Workers that are `program`, a Semascope.
    pub fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// A worker, not yet started.
    pub(super) fn worker(&self) -> Worker {
        Worker {
            program: self.program.clone(),
            running: None,
        }
    }
}

/// Reads frames, and what the other side says in them, until the stream ends or breaks.
pub(super) fn read_all(stream: &mut impl io::Read) {
    while let Ok(Some(reply)) = frame::read(stream, MAX_REPLY_BYTES) {
        let _ = serde_json::from_slice::<Result<Extracted, Reason>>(&reply);
    }
}

/// Why a file gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// Asked to stop.
    Stopped,
    /// Its parser says so; nothing happened to the worker.
    Refused(Reason),
    /// It cost the worker its life, and would again.
    Poisonous(Reason),
    /// It could not be tried, which says nothing about it.
    NoWorker(Reason),
}

impl From<Cancelled> for Fault {
    fn from(_: Cancelled) -> Self {
        Self::Stopped
    }
}

/// One worker process, started when it is first needed.
pub struct Worker {
    program: PathBuf,
    running: Option<Running>,
}

struct Running {
    child: Child,
    input: ChildStdin,
    replies: Receiver<io::Result<Option<Vec<u8>>>>,
}

/// How a worker came to its end.
enum Death {
    /// It took too long and was killed.
    Deadline,
    /// It ended by itself, or something else ended it.
    Ended,
    /// It said something that is no answer.
    Garbled,
}

impl Worker {
    /// What a file holds.
    pub fn extract(
        &mut self,
        format: Foreign,
        bytes: &[u8],
        progress: &Progress,
    ) -> Result<Extracted, Fault> {
        let mut n_tries = 0;
        loop {
            n_tries += 1;
            let death = match self.reply(format, bytes, progress)? {
                Ok(reply) => match serde_json::from_slice::<Result<Extracted, Reason>>(&reply) {
                    Ok(found) => return found.map_err(Fault::Refused),
                    Err(_) => Death::Garbled,
                },
                Err(death) => death,
            };
            let exit = self.end();
            match Self::verdict(&death, exit, bytes.len()) {
                Some(reason) => return Err(Fault::Poisonous(reason)),
                None if n_tries < MAX_TRIES => {}
                None => {
                    return Err(Fault::NoWorker(
                        "its reader was killed again and again".into(),
                    ));
                }
            }
        }
    }

    /// One request and its reply.
    fn reply(
        &mut self,
        format: Foreign,
        bytes: &[u8],
        progress: &Progress,
    ) -> Result<Result<Vec<u8>, Death>, Fault> {
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::start(&self.program).map_err(|error| {
                Fault::NoWorker(Reason(format!("its reader could not be started ({error})")))
            })?),
        };
        // When it died, writing fails, and so does waiting for the reply.
        let sent = frame::write(&mut running.input, &[&[format.code()], bytes]);
        let until = Instant::now() + deadline(bytes.len());
        loop {
            if progress.check().is_err() {
                self.end();
                return Err(Fault::Stopped);
            }
            match running.replies.recv_timeout(Duration::from_millis(50)) {
                Ok(Ok(Some(reply))) if sent.is_ok() => return Ok(Ok(reply)),
                Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    return Ok(Err(Death::Garbled));
                }
                Ok(_) | Err(RecvTimeoutError::Disconnected) => return Ok(Err(Death::Ended)),
                Err(RecvTimeoutError::Timeout) if Instant::now() > until => {
                    return Ok(Err(Death::Deadline));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Kills what is left of the process, and tells how it ended.
    fn end(&mut self) -> Option<std::process::ExitStatus> {
        let mut running = self.running.take()?;
        // One that is ending by itself is given the time to say how.
        let until = Instant::now() + Duration::from_millis(200);
        while Instant::now() < until {
            if let Ok(Some(status)) = running.child.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(2));
        }
        let _ = running.child.kill();
        running.child.wait().ok()
    }

    /// What to say of the file; `None` if it is not to blame.
    fn verdict(
        death: &Death,
        exit: Option<std::process::ExitStatus>,
        n_bytes: usize,
    ) -> Option<Reason> {
        let seconds = deadline(n_bytes).as_secs();
        match death {
            Death::Deadline => return Some(Reason(format!("not read within {seconds} seconds"))),
            Death::Garbled => return Some("its parser gave no sensible answer".into()),
            Death::Ended => {}
        }
        if exit.and_then(|exit| exit.code()) == Some(memory::EXIT_CODE) {
            let gigabytes = MEMORY_CAP >> 30;
            return Some(Reason(format!(
                "reading it needs more than {gigabytes} GB of memory"
            )));
        }
        let was_killed = exit.is_none_or(is_kill);
        (!was_killed).then(|| "its parser crashed on it".into())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // Closing its input is enough, but there is nothing to wait for.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

/// SIGKILL comes from outside: a person, or a system that is short of memory.
#[cfg(unix)]
fn is_kill(exit: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    matches!(exit.signal(), Some(9 | 15))
}

#[cfg(not(unix))]
fn is_kill(exit: std::process::ExitStatus) -> bool {
    exit.code() == Some(1)
}

impl Running {
    fn start(program: &PathBuf) -> io::Result<Self> {
        let mut command = Command::new(program);
        command
            .arg(WORKER_FLAG)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if cfg!(unix) {
            command.current_dir("/");
        }
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt as _;
            // No console window; and without this variable nothing starts at all.
            command.creation_flags(0x0800_0000);
            command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
        }
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (input, mut output) = input.zip(output).expect("both streams were asked for");
        let (sender, replies) = channel();
        thread::Builder::new()
            .name("worker replies".into())
            .spawn(move || {
                loop {
                    let reply = frame::read(&mut output, MAX_REPLY_BYTES);
                    let goes_on = matches!(reply, Ok(Some(_)));
                    if sender.send(reply).is_err() || !goes_on {
                        break;
                    }
                }
            })?;
        Ok(Self {
            child,
            input,
            replies,
        })
    }
}

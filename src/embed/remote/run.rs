//! Sends all requests of a run, several at once, and hands every answer on as soon as it is there.
//!
//! Threads of their own ask and wait; the caller's thread alone delivers. So a stop is heard within a
//! twentieth of a second, whatever a server does: what is under way then gets a moment to arrive, as
//! it has to be paid for, and after that nobody waits for it.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ndarray::Array2;

use super::consent::Unconsented;
use super::http::{Broken, CallError, Client, Reply};
use super::pace::{Pace, Patience, Start};
use super::refusal::{Cause, Verdict};
use crate::embed::Each;
use crate::embed::wire::{Form, MalformedAnswer, got, sent};
use crate::message::{count, grouped};
use crate::progress::{Cancelled, Progress};
use crate::vectors::normalize;

/// How often the caller looks up.
const LOOK_UP: Duration = Duration::from_millis(50);
/// How long what is under way may still arrive when a person stops the run; otherwise it arrives or
/// breaks off by itself.
const LINGER: Duration = Duration::from_secs(3);

/// How much at once, and how much in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRule {
    /// Requests at once, at most.
    pub most_at_once: usize,
    /// Requests a minute, if the server counts them.
    pub per_minute: Option<u32>,
    /// Requests of the run, at most.
    pub most_calls: Option<u64>,
    /// When to give up.
    pub patience: Patience,
}

impl Default for RunRule {
    fn default() -> Self {
        Self {
            // As the endpoint's own default.
            most_at_once: 10,
            per_minute: None,
            most_calls: None,
            patience: Patience::default(),
        }
    }
}

/// What a run has taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests, with those that were refused.
    pub n_calls: u64,
    /// Texts that were answered.
    pub n_texts: u64,
    /// Bytes of all bodies sent.
    pub n_bytes: u64,
}

/// Why a run ended before all texts had their vectors. What was answered is kept all the same.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Nobody has agreed.
    #[error(transparent)]
    Unconsented(#[from] Unconsented),
    /// Nothing may be sent.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server refuses for good.
    #[error(transparent)]
    Refused(Cause),
    /// The server never had enough room.
    #[error("the server kept saying that it is too busy; try again later, or with fewer at once")]
    Busy,
    /// The endpoint never woke up.
    #[error("the endpoint did not wake up within three minutes; look at its log")]
    WarmUp,
    /// It failed again and again.
    #[error("the server failed again and again on the same request; look at its log")]
    Failing,
    /// The way there is broken.
    #[error(transparent)]
    Broken(Broken),
    /// Answers are not what they should be.
    #[error(transparent)]
    Malformed(MalformedAnswer),
    /// Vectors of another length than the first ones.
    #[error("the server sent vectors of {got} numbers, where it sent {expected} before")]
    Dimension {
        /// Before.
        expected: usize,
        /// Now.
        got: usize,
    },
    /// As many requests as were allowed.
    #[error(
        "the {} that were allowed are used up; {} left. What came is kept: run again to go on",
        count(usize::try_from(*most).unwrap_or(usize::MAX), "request"),
        are(*n_left)
    )]
    Ceiling {
        /// Requests allowed.
        most: u64,
        /// Texts without a vector.
        n_left: usize,
    },
    /// What is sent cannot be noted.
    #[error("the ledger of what is sent cannot be written, so nothing more is sent")]
    Ledger(#[source] io::Error),
    /// Some texts are not taken by the server.
    #[error(
        "the server refused {} for {} size or content; the others are kept",
        count(*n, "text"),
        if *n == 1 { "its" } else { "their" }
    )]
    Texts {
        /// How many.
        n: usize,
    },
}

fn are(n: usize) -> String {
    let verb = if n == 1 { "is" } else { "are" };
    format!(
        "{} {verb}",
        if n == 1 {
            "1 text".into()
        } else {
            format!("{} texts", grouped(n))
        }
    )
}

/// What one run asks for.
pub struct Job<'a> {
    /// The texts.
    pub texts: &'a [&'a str],
    /// Which texts go in one request.
    pub batches: Vec<Vec<usize>>,
    /// The form of requests.
    pub form: Form,
    /// The length of vectors, once it is known.
    pub dimension: Option<usize>,
    /// Told of texts before they are sent the first time; when it fails, they are not sent.
    pub note: Option<Note>,
}

/// Notes what is about to be sent.
pub type Note = Arc<dyn Fn(&[&str]) -> io::Result<()> + Send + Sync>;

/// Embeds the texts, and hands rows of length 1 to `each`.
///
/// # Errors
/// [`RunError`]; what was handed on before is good.
pub fn run(
    client: &Arc<Client>,
    job: Job<'_>,
    rule: &RunRule,
    progress: &Progress,
    each: &Each<'_>,
) -> (Tally, Result<(), RunError>) {
    let n_texts = job.texts.len();
    let n_threads = rule.most_at_once.min(job.batches.len());
    let seed = job.texts.len() as u64 ^ u64::from(std::process::id());
    let shared = Arc::new(Shared {
        client: client.clone(),
        texts: job.texts.iter().map(|text| (*text).into()).collect(),
        form: job.form,
        note: job.note,
        most_calls: rule.most_calls,
        started: Instant::now(),
        changed: Condvar::new(),
        state: Mutex::new(State {
            waiting: job.batches.into_iter().map(Request::new).collect(),
            pace: Pace::new(rule.most_at_once, rule.per_minute, rule.patience, seed),
            dimension: job.dimension,
            n_under_way: 0,
            n_refused: 0,
            n_answered: 0,
            tally: Tally::default(),
            end: None,
            is_over: false,
        }),
    });
    // Answers do not pile up: what has not been handed on is not safe from a crash.
    let (sender, receiver) = sync_channel(1);
    for _ in 0..n_threads {
        let (shared, sender) = (shared.clone(), sender.clone());
        let thread = thread::Builder::new().name("remote".into());
        // With fewer threads it takes longer; with none the channel below is closed at once.
        let _ = thread.spawn(move || shared.work(&sender));
    }
    drop(sender);
    progress.step("Embedding remotely", n_texts);
    let (mut stopped, mut n_done, mut was_warming_up) = (None, 0, false);
    loop {
        match receiver.recv_timeout(LOOK_UP) {
            Ok((texts, rows)) => {
                each(&texts, rows.view());
                n_done += texts.len();
                // A stop is looked for below.
                let _ = progress.advance(texts.len());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let is_warming_up = shared.is_warming_up();
        if is_warming_up != was_warming_up {
            was_warming_up = is_warming_up;
            let name = if is_warming_up {
                "Waiting for the endpoint to wake up"
            } else {
                "Embedding remotely"
            };
            progress.step(name, n_texts);
            let _ = progress.advance(n_done);
        }
        if progress.check().is_err() {
            shared.end(RunError::Cancelled(Cancelled));
            if stopped.get_or_insert_with(Instant::now).elapsed() > LINGER {
                break;
            }
        }
    }
    shared.result(n_texts)
}

/// Texts of one request.
struct Request {
    texts: Vec<usize>,
    n_failed: u32,
    is_noted: bool,
    /// Since the start of the run.
    not_before: Duration,
}

impl Request {
    fn new(texts: Vec<usize>) -> Self {
        Self {
            texts,
            n_failed: 0,
            is_noted: false,
            not_before: Duration::ZERO,
        }
    }
}

struct Shared {
    client: Arc<Client>,
    texts: Vec<Box<str>>,
    form: Form,
    note: Option<Note>,
    most_calls: Option<u64>,
    started: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: VecDeque<Request>,
    pace: Pace,
    dimension: Option<usize>,
    n_under_way: usize,
    n_refused: usize,
    n_answered: usize,
    tally: Tally,
    end: Option<RunError>,
    is_over: bool,
}

type Rows = (Vec<usize>, Array2<f32>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn is_warming_up(&self) -> bool {
        self.lock().pace.is_warming_up()
    }

    /// Ends it; the first reason counts.
    fn end(&self, why: RunError) {
        let mut state = self.lock();
        if !state.is_over {
            state.end = Some(why);
            state.is_over = true;
        }
        drop(state);
        self.changed.notify_all();
    }

    fn result(&self, n_texts: usize) -> (Tally, Result<(), RunError>) {
        let mut state = self.lock();
        state.is_over = true;
        let result = match state.end.take() {
            Some(RunError::Ceiling { most, .. }) => Err(RunError::Ceiling {
                most,
                n_left: n_texts - state.n_answered,
            }),
            Some(why) => Err(why),
            None if state.n_refused > 0 => Err(RunError::Texts { n: state.n_refused }),
            // Threads that the system did not give.
            None if state.n_answered < n_texts => Err(RunError::Failing),
            None => Ok(()),
        };
        let tally = state.tally;
        drop(state);
        self.changed.notify_all();
        (tally, result)
    }

    fn work(&self, sender: &SyncSender<Rows>) {
        while let Some((mut request, started)) = self.next() {
            let texts: Vec<&str> = request
                .texts
                .iter()
                .map(|text| &*self.texts[*text])
                .collect();
            if let Some(note) = self.note.as_ref().filter(|_| !request.is_noted)
                && let Err(error) = note(&texts)
            {
                self.lock().n_under_way -= 1;
                self.end(RunError::Ledger(error));
                return;
            }
            request.is_noted = true;
            let body = sent(&self.form, &texts);
            let asked = catch_unwind(AssertUnwindSafe(|| {
                let reply = self.client.post(&body)?;
                Ok(match reply {
                    Reply::Answered(answer) => {
                        Came::Answer(got(&answer, texts.len()).map(|got| got.rows))
                    }
                    Reply::Refused(verdict) => Came::Refusal(verdict),
                    Reply::Broken(broken) => Came::Broken(broken),
                })
            }));
            match asked.unwrap_or(Ok(Came::Broken(Broken::Cut))) {
                Err(error) => {
                    self.lock().n_under_way -= 1;
                    self.end(RunError::Call(error));
                }
                Ok(came) => self.settle(request, started, body.len(), came, sender),
            }
        }
    }

    /// Waits until a request may start; `None` when there is nothing more to do.
    fn next(&self) -> Option<(Request, Duration)> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            if state.waiting.is_empty() && state.n_under_way == 0 {
                state.is_over = true;
                drop(state);
                self.changed.notify_all();
                return None;
            }
            let now = self.now();
            let ready = state
                .waiting
                .iter()
                .position(|request| request.not_before <= now);
            let wait = match (ready, state.pace.start(state.n_under_way, now)) {
                (Some(ready), Start::Now) => {
                    if self
                        .most_calls
                        .is_some_and(|most| state.tally.n_calls >= most)
                    {
                        let most = state.tally.n_calls;
                        drop(state);
                        self.end(RunError::Ceiling { most, n_left: 0 });
                        return None;
                    }
                    state.tally.n_calls += 1;
                    state.n_under_way += 1;
                    state.pace.started(now);
                    return state.waiting.remove(ready).map(|request| (request, now));
                }
                (Some(_), Start::In(wait)) => Some(wait),
                (_, Start::AfterAnother) => None,
                (None, _) => {
                    let next = state.waiting.iter().map(|request| request.not_before).min();
                    next.map(|next| next.saturating_sub(now))
                }
            };
            // Woken by every answer, and at the end.
            state = if let Some(wait) = wait {
                let waited = self
                    .changed
                    .wait_timeout(state, wait.max(Duration::from_millis(1)));
                waited.unwrap_or_else(PoisonError::into_inner).0
            } else {
                let waited = self.changed.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            };
        }
    }

    fn settle(
        &self,
        mut request: Request,
        started: Duration,
        n_bytes: usize,
        came: Came,
        sender: &SyncSender<Rows>,
    ) {
        let now = self.now();
        let mut state = self.lock();
        state.tally.n_bytes += n_bytes as u64;
        let mut delivery = None;
        let end = match came {
            Came::Answer(Ok(rows)) => {
                let end = state.answered(&request, rows.ncols());
                delivery = Some((request.texts, rows));
                end
            }
            Came::Answer(Err(malformed)) => {
                let why = RunError::Malformed(malformed);
                state.again(request, now, why)
            }
            Came::Broken(broken) => {
                // A connection that broke may have been one too many.
                state.pace.busy(started, now, None);
                state.again(request, now, RunError::Broken(broken))
            }
            Came::Refusal(Verdict::TryAgain) => state.again(request, now, RunError::Failing),
            Came::Refusal(Verdict::Busy(retry_after)) => {
                state.waiting.push_front(request);
                (!state.pace.busy(started, now, retry_after)).then_some(RunError::Busy)
            }
            Came::Refusal(Verdict::WarmingUp) => {
                state.waiting.push_front(request);
                (!state.pace.warming_up(now)).then_some(RunError::WarmUp)
            }
            Came::Refusal(Verdict::TooLarge) if request.texts.len() > 1 => {
                let half = request.texts.split_off(request.texts.len() / 2);
                for texts in [half, request.texts] {
                    let mut request = Request::new(texts);
                    request.is_noted = true;
                    state.waiting.push_front(request);
                }
                None
            }
            Came::Refusal(Verdict::TooLarge) => {
                state.n_refused += 1;
                None
            }
            Came::Refusal(Verdict::Final(cause)) => Some(RunError::Refused(cause)),
        };
        drop(state);
        match (end, delivery) {
            (Some(why), _) => self.end(why),
            (None, Some((texts, mut rows))) => {
                rows.rows_mut().into_iter().for_each(normalize);
                // The caller has left when it waited long enough.
                let _ = sender.send((texts, rows));
            }
            (None, None) => {}
        }
        // Under way until it is handed on, so that no more is ever at stake than may be at once.
        self.lock().n_under_way -= 1;
        self.changed.notify_all();
    }
}

/// What came back.
enum Came {
    Answer(Result<Array2<f32>, MalformedAnswer>),
    Refusal(Verdict),
    Broken(Broken),
}

impl State {
    fn answered(&mut self, request: &Request, got: usize) -> Option<RunError> {
        let expected = *self.dimension.get_or_insert(got);
        if got != expected {
            return Some(RunError::Dimension { expected, got });
        }
        self.pace.answered();
        self.n_answered += request.texts.len();
        self.tally.n_texts += request.texts.len() as u64;
        None
    }

    /// Puts it back for later, or ends the run when that was done too often.
    fn again(&mut self, mut request: Request, now: Duration, why: RunError) -> Option<RunError> {
        request.n_failed += 1;
        let Some(wait) = self.pace.repeat(request.n_failed) else {
            return Some(why);
        };
        request.not_before = now + wait;
        self.waiting.push_front(request);
        None
    }
}

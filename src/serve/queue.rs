//! Texts that wait for the model, taken in turns so that a short request never waits behind a long
//! one: every other turn is for short requests alone, and in the others each request has its share.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Bytes of text up to which a request is short: a question, not a document.
const SHORT_BYTES: usize = 256;
/// What a text costs beyond its bytes, in bytes: it has two special tokens.
const TEXT_BYTES: usize = 8;

/// Texts to embed in one go: the request of each, and which of its texts it is.
pub type Turn = Vec<(Arc<Ticket>, usize)>;

/// Vectors of one request.
#[derive(Debug, Default, PartialEq)]
pub struct Answered {
    /// The rows behind each other, in the order of the texts.
    pub rows: Vec<f32>,
    /// Tokens that were read, special tokens included.
    pub n_tokens: usize,
    /// Texts that were longer than the model reads.
    pub n_truncated: usize,
}

/// Why a request has no vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// A text is longer than the model reads, and the client wants none truncated.
    TooLong {
        /// Which, from 0 on.
        text: usize,
        /// Tokens that the model reads of a text.
        limit: usize,
    },
    /// The model failed on a text.
    Model {
        /// Which, from 0 on.
        text: usize,
    },
}

/// There is no room for more texts at the moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// The texts of one request, and the way back to it.
pub struct Ticket {
    /// The texts, in order.
    pub texts: Vec<String>,
    /// Whether texts that are too long are read as far as the model can.
    pub truncates: bool,
    answer: Mutex<Answer>,
}

struct Answer {
    so_far: Answered,
    n_left: usize,
    /// Taken when the answer goes out.
    reply: Option<oneshot::Sender<Result<Answered, Failed>>>,
}

impl Ticket {
    /// Adds one text's vector; the last one sends the answer.
    pub fn put(&self, text: usize, row: &[f32], n_tokens: usize, is_truncated: bool) {
        let mut answer = lock(&self.answer);
        let d = row.len();
        answer.so_far.rows.resize(self.texts.len() * d, 0.0);
        answer.so_far.rows[text * d..][..d].copy_from_slice(row);
        answer.so_far.n_tokens += n_tokens;
        answer.so_far.n_truncated += usize::from(is_truncated);
        answer.n_left -= 1;
        if answer.n_left == 0
            && let Some(reply) = answer.reply.take()
        {
            // A client that has gone needs none.
            let _ = reply.send(Ok(std::mem::take(&mut answer.so_far)));
        }
    }

    /// Answers with a failure; the rest of the texts is not embedded.
    pub fn fail(&self, failed: Failed) {
        if let Some(reply) = lock(&self.answer).reply.take() {
            let _ = reply.send(Err(failed));
        }
    }

    /// Whether nobody waits for the rest: the client has gone, or has been told of a failure.
    fn is_over(&self) -> bool {
        let answer = lock(&self.answer);
        answer.reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }
}

struct Waiting {
    ticket: Arc<Ticket>,
    /// The first text that no worker has taken.
    next: usize,
    /// What is left of it, in bytes.
    n_bytes: usize,
}

impl Waiting {
    fn new(ticket: Arc<Ticket>) -> Self {
        let n_bytes = ticket.texts.iter().map(|text| cost(text)).sum();
        Self {
            ticket,
            next: 0,
            n_bytes,
        }
    }

    fn n_left(&self) -> usize {
        self.ticket.texts.len() - self.next
    }
}

/// Texts of all requests, up to a number of them.
pub struct Queue {
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    n_texts: usize,
    /// Whether the last turn was one for short requests, so that the next is not.
    was_short: bool,
    is_closed: bool,
}

impl State {
    fn turn(&mut self, n_bytes: usize) -> Turn {
        self.was_short = !self.was_short;
        if self.was_short {
            let turn = self.short_turn(n_bytes);
            if !turn.is_empty() {
                return turn;
            }
        }
        self.shared_turn(n_bytes)
    }

    /// Short requests, whole and the oldest first.
    fn short_turn(&mut self, n_bytes: usize) -> Turn {
        self.sweep();
        let (mut turn, mut taken) = (Turn::new(), 0);
        for waiting in std::mem::take(&mut self.waiting) {
            let is_short = waiting.n_bytes <= SHORT_BYTES;
            if is_short && taken + waiting.n_bytes <= n_bytes {
                taken += waiting.n_bytes;
                self.n_texts -= waiting.n_left();
                let texts = waiting.next..waiting.ticket.texts.len();
                turn.extend(texts.map(|text| (waiting.ticket.clone(), text)));
            } else {
                self.waiting.push_back(waiting);
            }
        }
        turn
    }

    /// One text of each request in turn.
    fn shared_turn(&mut self, n_bytes: usize) -> Turn {
        let (mut turn, mut taken) = (Turn::new(), 0);
        while let Some(mut waiting) = self.waiting.pop_front() {
            if waiting.ticket.is_over() {
                self.n_texts -= waiting.n_left();
                continue;
            }
            let text = waiting.next;
            let n = cost(&waiting.ticket.texts[text]);
            taken += n;
            if !turn.is_empty() && taken > n_bytes {
                self.waiting.push_front(waiting);
                break;
            }
            waiting.next += 1;
            waiting.n_bytes -= n;
            self.n_texts -= 1;
            turn.push((waiting.ticket.clone(), text));
            if waiting.n_left() > 0 {
                self.waiting.push_back(waiting);
            }
        }
        turn
    }

    /// Requests that nobody waits for make room.
    fn sweep(&mut self) {
        self.waiting.retain(|waiting| !waiting.ticket.is_over());
        self.n_texts = self.waiting.iter().map(Waiting::n_left).sum();
    }
}

impl Queue {
    /// With room for so many texts.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Puts the texts of a request behind those of others. The answer comes through the receiver;
    /// who drops it gives the request up.
    ///
    /// # Errors
    /// [`Full`], and then no text was taken.
    pub fn push(
        &self,
        texts: Vec<String>,
        truncates: bool,
    ) -> Result<oneshot::Receiver<Result<Answered, Failed>>, Full> {
        let (reply, receiver) = oneshot::channel();
        let n = texts.len();
        if n == 0 {
            let _ = reply.send(Ok(Answered::default()));
            return Ok(receiver);
        }
        let mut state = lock(&self.state);
        if state.n_texts + n > self.most {
            state.sweep();
        }
        if state.is_closed || state.n_texts + n > self.most {
            return Err(Full);
        }
        state.n_texts += n;
        let answer = Mutex::new(Answer {
            so_far: Answered::default(),
            n_left: n,
            reply: Some(reply),
        });
        let ticket = Arc::new(Ticket {
            texts,
            truncates,
            answer,
        });
        state.waiting.push_back(Waiting::new(ticket));
        drop(state);
        self.changed.notify_all();
        Ok(receiver)
    }

    /// Waits for texts, and takes up to so many bytes of them; a text that is longer comes alone.
    /// `None` when the queue was closed and is empty.
    pub fn take(&self, n_bytes: usize) -> Option<Turn> {
        let mut state = lock(&self.state);
        loop {
            let turn = state.turn(n_bytes);
            if !turn.is_empty() {
                return Some(turn);
            }
            if state.is_closed {
                return None;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes no more texts; what waits is still handed out.
    pub fn close(&self) {
        lock(&self.state).is_closed = true;
        self.changed.notify_all();
    }

    /// Texts that wait.
    pub fn n_texts(&self) -> usize {
        lock(&self.state).n_texts
    }
}

fn cost(text: &str) -> usize {
    text.len() + TEXT_BYTES
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(n: usize, name: &str) -> Vec<String> {
        (0..n).map(|i| format!("{name}{i}")).collect()
    }

    fn names(turn: &Turn) -> Vec<&str> {
        turn.iter()
            .map(|(ticket, text)| ticket.texts[*text].as_str())
            .collect()
    }

    #[test]
    fn a_short_request_is_next_and_a_long_one_has_every_other_turn() {
        let queue = Queue::new(1_000);
        let _long = queue.push(texts(500, "a long text "), true).unwrap();
        let _longer = queue.push(texts(400, "another text "), true).unwrap();
        let _short = queue.push(texts(2, "short"), true).unwrap();
        let _also = queue.push(texts(1, "also short"), true).unwrap();
        let turn = queue.take(50).unwrap();
        assert_eq!(names(&turn), ["short0", "short1", "also short0"]);
        let _late = queue.push(texts(1, "late"), true).unwrap();
        let turn = queue.take(50).unwrap();
        assert_eq!(names(&turn), ["a long text 0", "another text 0"]);
        assert_eq!(names(&queue.take(50).unwrap()), ["late0"]);
        let turn = queue.take(50).unwrap();
        assert_eq!(names(&turn), ["a long text 1", "another text 1"]);
        assert_eq!(queue.n_texts(), 896);
    }

    #[test]
    fn the_answer_has_the_order_of_the_texts_whatever_the_order_of_work() {
        let queue = Queue::new(10);
        let mut answer = queue.push(texts(3, "t"), true).unwrap();
        let turn = queue.take(1_000).unwrap();
        for (ticket, text) in turn.iter().rev() {
            assert!(answer.try_recv().is_err());
            ticket.put(*text, &[*text as f32, 0.5], 4, *text == 1);
        }
        let answered = answer.try_recv().unwrap().unwrap();
        assert_eq!(answered.rows, [0.0, 0.5, 1.0, 0.5, 2.0, 0.5]);
        assert_eq!((answered.n_tokens, answered.n_truncated), (12, 1));
    }

    #[test]
    fn a_full_queue_refuses_and_one_given_up_makes_room() {
        let queue = Queue::new(4);
        let given_up = queue.push(texts(3, "a"), true).unwrap();
        assert_eq!(queue.push(texts(2, "b"), true).unwrap_err(), Full);
        drop(given_up);
        let _kept = queue.push(texts(4, "b"), true).unwrap();
        assert_eq!(queue.n_texts(), 4);
        assert_eq!(names(&queue.take(1).unwrap()), ["b0"]);
    }

    #[test]
    fn a_failure_answers_at_once_and_its_other_texts_are_dropped() {
        let queue = Queue::new(10);
        let mut failing = queue.push(texts(3, "a"), false).unwrap();
        let _other = queue.push(texts(1, "b"), true).unwrap();
        let turn = queue.take(1).unwrap();
        turn[0].0.fail(Failed::Model { text: 0 });
        assert_eq!(failing.try_recv().unwrap(), Err(Failed::Model { text: 0 }));
        assert_eq!(names(&queue.take(1_000).unwrap()), ["b0"]);
        assert_eq!(queue.n_texts(), 0);
    }

    #[test]
    fn a_closed_queue_hands_out_what_it_has_and_ends() {
        let queue = Queue::new(10);
        let _waiting = queue.push(texts(1, "a"), true).unwrap();
        queue.close();
        assert_eq!(queue.push(texts(1, "b"), true).unwrap_err(), Full);
        assert_eq!(names(&queue.take(1_000).unwrap()), ["a0"]);
        assert!(queue.take(1_000).is_none());
    }

    #[test]
    fn no_texts_are_answered_at_once() {
        let mut answer = Queue::new(1).push(Vec::new(), true).unwrap();
        assert_eq!(answer.try_recv().unwrap(), Ok(Answered::default()));
    }
}

//! Threads that embed what waits.
//!
//! Each thread takes texts for itself and never waits for another, unlike one call of the model with
//! many texts, which ends when its slowest thread ends. So all cores have work as long as any
//! request has, and a short request is answered after two turns.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::{io, thread};

use ndarray::Array2;

use super::metrics::Metrics;
use super::queue::{Failed, Queue, Ticket, Turn};
use super::{EmbedError, Embedder, Open};
use crate::jobs;
use crate::progress::Progress;

/// Bytes of text that a thread takes at a time. A short request waits for one such turn: fewer bytes
/// would shorten that, but then the encoder reads its weights more often for each text.
const TURN_BYTES: usize = 3072;

/// What must be embedded before the server says that it is well.
const PROBE: &str = "Is anybody there?";

/// Bytes of a text from which on its beginning tells that it is too long, so that nobody can make
/// the server count the tokens of megabytes.
const LONG: usize = 64 * 1024;

/// What all threads share with the routes.
#[derive(Default)]
pub struct Health {
    model: OnceLock<Arc<dyn Embedder>>,
    n_alive: AtomicUsize,
    n_threads: usize,
}

impl Health {
    /// The model, once it has embedded a text and while all threads are at work.
    pub fn model(&self) -> Option<&Arc<dyn Embedder>> {
        let is_well = self.n_alive.load(Ordering::Acquire) == self.n_threads;
        self.model.get().filter(|_| is_well)
    }

    /// Threads of the model.
    pub fn n_threads(&self) -> usize {
        self.n_threads
    }
}

/// The threads; they end with the queue.
pub struct Workers {
    /// How they are.
    pub health: Arc<Health>,
}

impl Workers {
    /// Opens the model on a thread of its own, so that the server can answer that it is not ready,
    /// and then starts as many threads as asked for. `opened` is told how it went.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        open: Open,
        n_threads: usize,
        queue: &Arc<Queue>,
        metrics: &Arc<Metrics>,
        opened: impl FnOnce(Result<&Arc<dyn Embedder>, EmbedError>) + Send + 'static,
    ) -> io::Result<Self> {
        let health = Arc::new(Health {
            n_threads,
            ..Health::default()
        });
        let (shared, queue, metrics) = (health.clone(), queue.clone(), metrics.clone());
        thread::Builder::new().name("open".into()).spawn(move || {
            let model = open().and_then(|model| {
                model.embed(&[PROBE], &Progress::new())?;
                Ok(model)
            });
            let model = match model {
                Ok(model) => model,
                Err(error) => return opened(Err(error)),
            };
            for at in 0..n_threads {
                let (model, shared) = (model.clone(), shared.clone());
                let (queue, metrics) = (queue.clone(), metrics.clone());
                let started = thread::Builder::new()
                    .name(format!("embed-{at}"))
                    .spawn(move || work(&*model, &shared, &queue, &metrics));
                // A thread that is missing shows in the health.
                drop(started);
            }
            opened(Ok(shared.model.get_or_init(|| model)));
        })?;
        Ok(Self { health })
    }
}

/// A thread that is alive as long as this is.
struct Alive<'a>(&'a AtomicUsize);

impl<'a> Alive<'a> {
    fn new(n_alive: &'a AtomicUsize) -> Self {
        n_alive.fetch_add(1, Ordering::AcqRel);
        Self(n_alive)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn work(model: &dyn Embedder, health: &Health, queue: &Queue, metrics: &Metrics) {
    // Requests are read and health is told while the model computes.
    jobs::step_back();
    // The model computes on the threads of the pool it is called from: here on this one alone.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build();
    let Ok(_pool) = pool else { return };
    let _alive = Alive::new(&health.n_alive);
    while let Some(turn) = queue.take(TURN_BYTES) {
        embed(model, &turn, metrics);
    }
}

/// A text of a request: the request, which of its texts, the tokens read and whether there are more.
struct Counted {
    ticket: Arc<Ticket>,
    text: usize,
    n_tokens: usize,
    is_truncated: bool,
}

impl Counted {
    fn text(&self) -> &str {
        &self.ticket.texts[self.text]
    }
}

fn embed(model: &dyn Embedder, turn: &Turn, metrics: &Metrics) {
    let counted: Vec<Counted> = turn
        .iter()
        .filter_map(|(ticket, text)| counted(model, ticket, *text))
        .collect();
    if counted.is_empty() {
        return;
    }
    if let Some(rows) = embedded(model, &counted) {
        for (text, row) in counted.iter().zip(rows.outer_iter()) {
            metrics.embedded(text.n_tokens, text.is_truncated);
            let row = row.as_slice().expect("rows are whole");
            text.ticket
                .put(text.text, row, text.n_tokens, text.is_truncated);
        }
    } else if let [text] = &counted[..] {
        text.ticket.fail(Failed::Model { text: text.text });
    } else {
        // One text must not take those of other requests with it.
        for (ticket, text) in turn {
            embed(model, &vec![(ticket.clone(), *text)], metrics);
        }
    }
}

/// `None` when the text is refused.
fn counted(model: &dyn Embedder, ticket: &Arc<Ticket>, text: usize) -> Option<Counted> {
    let limit = model.max_text_tokens();
    let content = &ticket.texts[text];
    let beginning = &content[..content.floor_char_boundary(LONG)];
    let count = |text: &str| catch_unwind(AssertUnwindSafe(|| model.n_tokens(text)));
    let n_tokens = match count(beginning) {
        Ok(n) if n > limit || beginning.len() == content.len() => Ok(n),
        _ => count(content),
    };
    let Ok(n_tokens) = n_tokens else {
        ticket.fail(Failed::Model { text });
        return None;
    };
    let is_truncated = n_tokens > limit;
    if is_truncated && !ticket.truncates {
        ticket.fail(Failed::TooLong { text, limit });
        return None;
    }
    let n_special = model.tag().max_tokens.saturating_sub(limit);
    Some(Counted {
        ticket: ticket.clone(),
        text,
        n_tokens: n_tokens.min(limit) + n_special,
        is_truncated,
    })
}

/// `None` when the model fails or panics.
fn embedded(model: &dyn Embedder, counted: &[Counted]) -> Option<Array2<f32>> {
    let texts: Vec<&str> = counted.iter().map(Counted::text).collect();
    let embedded = || model.embed(&texts, &Progress::new()).ok();
    catch_unwind(AssertUnwindSafe(embedded)).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::queue::Answered;
    use super::*;
    use crate::embed::{Each, EmbedderChoice, PrecisionRule, open};
    use crate::vectors::ModelTag;

    /// The model, but for a text that it cannot bear.
    struct Fragile(Arc<dyn Embedder>);

    impl Embedder for Fragile {
        fn tag(&self) -> &ModelTag {
            self.0.tag()
        }

        fn summary(&self) -> String {
            self.0.summary()
        }

        fn n_tokens(&self, text: &str) -> usize {
            self.0.n_tokens(text)
        }

        fn max_text_tokens(&self) -> usize {
            self.0.max_text_tokens()
        }

        fn embed_each(
            &self,
            texts: &[&str],
            progress: &Progress,
            each: &Each<'_>,
        ) -> Result<(), EmbedError> {
            assert!(!texts.contains(&"poison"), "it broke");
            self.0.embed_each(texts, progress, each)
        }
    }

    fn model() -> Arc<dyn Embedder> {
        let choice = EmbedderChoice::Bundled;
        open(&choice, PrecisionRule::Auto, &Progress::new()).unwrap()
    }

    type Reply = Result<Answered, Failed>;

    fn push(queue: &Queue, texts: &[&str], truncates: bool) -> impl FnMut() -> Reply + use<> {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        let mut answer = queue.push(texts, truncates).unwrap();
        move || answer.try_recv().unwrap()
    }

    #[test]
    fn a_text_that_breaks_the_model_harms_no_other_request() {
        let queue = Queue::new(10);
        let mut good = push(&queue, &["Low water.", "High water."], true);
        let mut bad = push(&queue, &["Low water.", "poison"], true);
        let (model, metrics) = (model(), Metrics::default());
        embed(
            &Fragile(model.clone()),
            &queue.take(10_000).unwrap(),
            &metrics,
        );
        assert_eq!(bad(), Err(Failed::Model { text: 1 }));
        let rows = model.embed(&["Low water.", "High water."], &Progress::new());
        let expected = rows.unwrap().into_raw_vec_and_offset().0;
        let rows = good().unwrap().rows;
        assert!(
            rows.iter()
                .zip(&expected)
                .all(|(a, b)| (a - b).abs() < 1e-5)
        );
    }

    #[test]
    fn long_texts_are_counted_or_refused() {
        let queue = Queue::new(10);
        let long = "word ".repeat(100_000);
        let mut read = push(&queue, &["Low water.", &long], true);
        let mut refused = push(&queue, &[&long], false);
        let (model, metrics) = (model(), Metrics::default());
        queue.close();
        while let Some(turn) = queue.take(TURN_BYTES) {
            embed(&*model, &turn, &metrics);
        }
        let read = read().unwrap();
        assert_eq!((read.n_truncated, read.n_tokens), (1, 5 + 256));
        assert_eq!(
            refused(),
            Err(Failed::TooLong {
                text: 0,
                limit: 254
            })
        );
    }
}

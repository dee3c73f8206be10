//! The encoder behind HTTP: on a desk, in a container, and where SageMaker starts it.
//!
//! A request's texts wait in a `queue`, from which `worker` threads take a few at a time, fairly
//! among requests. `routes` speak HTTP and know no model; workers know no HTTP. Nothing is ever
//! sent anywhere but in answer, and no text is printed.

mod connections;
mod limits;
mod metrics;
mod queue;
mod routes;
mod worker;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use self::metrics::Metrics;
use self::queue::Queue;
use self::routes::Server;
use self::worker::Workers;
use crate::embed::{EmbedError, Embedder};

pub use limits::Limits;

/// Threads that read requests and write answers; the model has its own.
const N_HTTP_THREADS: usize = 2;

/// Where to listen, and how much to take on.
#[derive(Debug, Clone, PartialEq)]
pub struct ServeRule {
    /// Address and port; with port 0 the system chooses one.
    pub address: SocketAddr,
    /// Threads of the model.
    pub n_threads: usize,
    /// What is refused.
    pub limits: Limits,
}

/// What happens while it serves.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Requests are accepted here; until [`Event::Ready`] the answer is 503.
    Listening(SocketAddr),
    /// The model has embedded a text.
    Ready {
        /// As [`Embedder::summary`].
        model: String,
    },
    /// No more requests are accepted; those that were are answered.
    Draining,
    /// A request was answered.
    Answered {
        /// Such as `/invocations`.
        route: &'static str,
        /// The status of HTTP.
        status: u16,
        /// Texts in it.
        n_texts: usize,
        /// Until the answer was made.
        milliseconds: u128,
    },
}

/// Why it does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be had.
    #[error("cannot listen on {address}; choose another with --host and --port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The model cannot be opened, or fails on a plain sentence.
    #[error(transparent)]
    Model(#[from] EmbedError),
    /// The system gives no threads.
    #[error("could not start")]
    Start(#[from] io::Error),
}

/// Who is told of events.
pub type Say = Arc<dyn Fn(Event) + Send + Sync>;

/// Opens a model.
pub type Open = Box<dyn FnOnce() -> Result<Arc<dyn Embedder>, EmbedError> + Send>;

/// Serves until the system or a person asks it to end, and then answers what it has accepted.
///
/// # Errors
/// [`ServeError`] before it is ready; nothing that a client does ends it.
pub fn serve(rule: &ServeRule, open: Open, say: &Say) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(N_HTTP_THREADS)
        .thread_name("http")
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(rule.address).await;
        let listener = listener.map_err(|source| ServeError::Listen {
            address: rule.address,
            source,
        })?;
        say(Event::Listening(listener.local_addr()?));
        let queue = Arc::new(Queue::new(rule.limits.queued_texts));
        let metrics = Arc::new(Metrics::default());
        let (opened, ready) = oneshot::channel();
        let workers = Workers::start(open, rule.n_threads, &queue, &metrics, {
            let say = say.clone();
            move |model| {
                let result = model.map(|model| {
                    say(Event::Ready {
                        model: model.summary(),
                    });
                });
                // The other end has gone when the server was asked to end before it was ready.
                let _ = opened.send(result);
            }
        })?;
        let server = Server::new(rule.limits, queue.clone(), metrics, &workers, say.clone());
        let result = connections::accept(listener, &server, ready).await;
        say(Event::Draining);
        queue.close();
        result.map_err(ServeError::Model)
    })
}

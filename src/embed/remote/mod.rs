//! Embedding by somebody else's computer: SageMaker, Bedrock, or a server of one's own.
//!
//! Read `destination` first, which says where texts may go; then `probe`, which sends three public
//! sentences before anything else; then `run`, the loop that sends the rest. `http` makes one
//! call, `refusal` judges its answer, `pace` says when the next may start, `batches` how much
//! goes into one. `ledger` notes what was sent. Forms of bodies are in [`wire`](super::wire).
//!
//! Texts never stand in an error, in what `Debug` prints, or in the ledger.

mod aws;
mod batches;
mod consent;
pub mod control;
mod destination;
mod estimate;
mod http;
mod ledger;
mod pace;
mod probe;
mod refusal;
mod run;
pub mod transform;

use std::path::PathBuf;
use std::sync::Arc;

pub use self::aws::SignInError;
pub use self::batches::AnswerSize;
pub use self::consent::{Consent, Unconsented};
pub use self::destination::{
    BedrockModel, Destination, DestinationError, EndpointName, ProfileName, Region, ServerUrl,
};
pub use self::estimate::{Estimate, Price};
pub use self::http::{Broken, CallError, TOKEN_VARIABLE};
pub use self::ledger::{Entry, Ledger, hash};
pub use self::pace::Patience;
pub use self::probe::{Found, ProbeError};
pub use self::refusal::Cause;
pub use self::run::{RunError, RunRule, Tally};

use self::batches::{Cost, batches};
use self::http::Client;
use self::run::{Job, Note};
use super::gate::NetworkGate;
use super::wire::sent;
use super::{Each, EmbedError, Embedder, TokenVectors};
use crate::progress::Progress;
use crate::vectors::{ModelTag, Pooling, Precision};

/// Where texts go and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRule {
    /// Where.
    pub destination: Destination,
    /// How many at once, and in all.
    pub run: RunRule,
    /// Whether it must be the same model as on this computer.
    pub must_match: bool,
    /// Where it is noted what was sent.
    pub ledger: PathBuf,
    /// What somebody agreed to; without it the test sentences are sent, and nothing else.
    pub consent: Option<Consent>,
}

/// Why there are no vectors from there.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The network is forbidden.
    #[error(transparent)]
    Forbidden(#[from] super::gate::NetworkForbidden),
    /// The system gives no means to wait on the network.
    #[error("the network cannot be used")]
    Start(#[source] std::io::Error),
    /// What is sent cannot be noted.
    #[error("the ledger of what is sent cannot be written, so nothing is sent")]
    Ledger(#[source] std::io::Error),
    /// The test sentences came to nothing.
    #[error("the test sentences came to nothing, so no text was sent: {0}")]
    Probe(#[source] ProbeError),
    /// The run ended early.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// A model elsewhere, that has passed the test.
pub struct RemoteEmbedder {
    client: Arc<Client>,
    rule: RemoteRule,
    found: Found,
    tag: ModelTag,
    /// Counts tokens, and explains scores where it is the same model.
    local: Arc<dyn Embedder>,
    ledger: Arc<Ledger>,
}

impl RemoteEmbedder {
    /// Sends the test sentences, and nothing else yet.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub fn connect(
        rule: RemoteRule,
        local: Arc<dyn Embedder>,
        progress: &Progress,
    ) -> Result<Self, RemoteError> {
        let ledger = Ledger::open(&rule.ledger).map_err(RemoteError::Ledger)?;
        let gate = NetworkGate::open()?;
        let client = Client::new(&rule.destination, gate).map_err(RemoteError::Start)?;
        let client = Arc::new(client);
        let form = rule.destination.form();
        progress.step("Testing the connection", 0);
        let found = probe::probe(
            &client,
            &form,
            &*local,
            rule.must_match,
            &rule.run,
            progress,
        )
        .map_err(RemoteError::Probe)?;
        let (provider, model_id) = rule.destination.provider_and_model();
        let tag = ModelTag {
            provider,
            model_id,
            // What the weights are is not known there; that they are ours is shown by the test.
            weights_hash: if found.is_same_model() {
                local.tag().weights_hash.clone()
            } else {
                "unknown".into()
            },
            dimension: found.answer.dimension,
            pooling: Pooling::Mean,
            max_tokens: local.tag().max_tokens,
            precision: Precision::F32,
        };
        Ok(Self {
            client,
            rule,
            found,
            tag,
            local,
            ledger: Arc::new(ledger),
        })
    }

    /// What the test found.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Where texts go.
    pub fn destination(&self) -> &Destination {
        &self.rule.destination
    }

    /// What would be sent first, to the byte.
    pub fn sample(&self, texts: &[&str]) -> Vec<u8> {
        let form = self.rule.destination.form();
        let costs: Vec<Cost> = texts.iter().map(|text| self.cost(text)).collect();
        let first = batches(&costs, &form)
            .into_iter()
            .next()
            .unwrap_or_default();
        let texts: Vec<&str> = first
            .iter()
            .map(|text| beginning(&*self.local, texts[*text]))
            .collect();
        sent(&form, &texts)
    }

    fn cost(&self, text: &str) -> Cost {
        Cost::of(text, self.local.n_tokens(text), self.found.answer)
    }

    /// What texts would take.
    pub fn estimate(&self, texts: &[&str]) -> Estimate {
        let form = self.rule.destination.form();
        Estimate::of(texts, &*self.local, &form, self.found.answer)
    }

    /// Embeds the texts, and tells what that took.
    ///
    /// # Errors
    /// [`RunError`], and then what `each` was given before is good all the same.
    pub fn run(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &Each<'_>,
    ) -> (Tally, Result<(), RunError>) {
        let consent = self.rule.consent.as_ref();
        if !consent.is_some_and(|consent| consent.covers(&self.rule.destination)) {
            return (Tally::default(), Err(RunError::Unconsented(Unconsented)));
        }
        let texts: Vec<&str> = texts
            .iter()
            .map(|text| beginning(&*self.local, text))
            .collect();
        let costs: Vec<Cost> = texts.iter().map(|text| self.cost(text)).collect();
        let form = self.rule.destination.form();
        let (ledger, destination) = (self.ledger.clone(), self.rule.destination.to_string());
        let note: Note = Arc::new(move |texts: &[&str]| ledger.add(&destination, texts));
        let job = Job {
            texts: &texts,
            batches: batches(&costs, &form),
            form,
            dimension: Some(self.found.answer.dimension),
            note: Some(note),
        };
        run::run(&self.client, job, &self.rule.run, progress, each)
    }
}

impl Embedder for RemoteEmbedder {
    fn tag(&self) -> &ModelTag {
        &self.tag
    }

    fn summary(&self) -> String {
        format!("remote: {}", self.rule.destination)
    }

    fn n_tokens(&self, text: &str) -> usize {
        self.local.n_tokens(text)
    }

    fn max_text_tokens(&self) -> usize {
        self.local.max_text_tokens()
    }

    fn embed_each(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &Each<'_>,
    ) -> Result<(), EmbedError> {
        match self.run(texts, progress, each).1 {
            Ok(()) => Ok(()),
            Err(RunError::Cancelled(cancelled)) => Err(cancelled.into()),
            Err(error) => Err(EmbedError::Remote(error.into())),
        }
    }

    /// What was paid for is kept at once.
    fn rows_per_store(&self) -> usize {
        1
    }

    fn tokens(&self, text: &str, progress: &Progress) -> Result<Option<TokenVectors>, EmbedError> {
        if self.found.is_same_model() {
            self.local.tokens(text, progress)
        } else {
            Ok(None)
        }
    }
}

/// The beginning of a text that a model reads whole: what comes behind would be paid for in vain, and
/// some servers fail on it.
fn beginning<'a>(model: &dyn Embedder, text: &'a str) -> &'a str {
    let limit = model.max_text_tokens();
    if model.n_tokens(text) <= limit {
        return text;
    }
    // The longest that fits, by halving; more text has more tokens, but for a few at its end.
    let (mut fits, mut too_long) = (0, text.len());
    while too_long - fits > 1 {
        let middle = text.floor_char_boundary(usize::midpoint(fits, too_long));
        if middle <= fits {
            break;
        }
        if model.n_tokens(&text[..middle]) <= limit {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    &text[..fits]
}

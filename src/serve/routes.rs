//! The routes: what SageMaker, Text Embeddings Inference and OpenAI's clients ask for.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http_body_util::LengthLimitError;
use ndarray::ArrayView2;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::limits::Limits;
use super::metrics::Metrics;
use super::queue::{Answered, Failed, Queue};
use super::worker::{Health, Workers};
use super::{Embedder, Event, Say};
use crate::embed::wire::{self, Ask, MalformedAsk};

/// Texts that were longer than the model reads.
const TRUNCATED: &str = "x-semascope-truncated";
/// Rows and columns of an answer in raw floats.
const SHAPE: &str = "x-semascope-shape";
const JSON: &str = "application/json";
const JSON_LINES: &str = "application/jsonlines";
const RAW: &str = "application/x-f32le";
const ANY_BYTES: &str = "application/octet-stream";
/// Seconds after which a client may ask again when there was no room.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
/// Bodies that batch transform sends may be so large, in MB: small enough for many to be in work.
const TRANSFORM_MB: u32 = 1;

/// What the routes share.
pub struct Server {
    /// What is refused.
    pub limits: Limits,
    queue: Arc<Queue>,
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    /// In KiB, as the number of permits is bounded.
    open_kib: Arc<Semaphore>,
    n_threads: usize,
    say: Say,
}

impl Server {
    /// Over a queue and the workers that empty it.
    pub fn new(
        limits: Limits,
        queue: Arc<Queue>,
        metrics: Arc<Metrics>,
        workers: &Workers,
        say: Say,
    ) -> Arc<Self> {
        Arc::new(Self {
            limits,
            queue,
            metrics,
            health: workers.health.clone(),
            open_kib: Arc::new(Semaphore::new(kib(limits.open_bytes))),
            n_threads: workers.health.n_threads(),
            say,
        })
    }
}

/// All routes.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/ping", get(ping).post(ping))
        .route("/health", get(ping))
        .route("/invocations", post(invocations))
        .route("/endpoints/{name}/invocations", post(invocations))
        .route("/embed", post(embed))
        .route("/v1/embeddings", post(openai))
        .route("/metrics", get(metrics))
        .route("/execution-parameters", get(execution_parameters))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .with_state(server)
}

type Shared = State<Arc<Server>>;

async fn ping(State(server): Shared) -> Response {
    match server.health.model() {
        Some(_) => StatusCode::OK.into_response(),
        None => Refused::NotReady.response(Dialect::Inputs),
    }
}

async fn metrics(State(server): Shared) -> Response {
    let text = server.metrics.text(server.queue.n_texts());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

async fn execution_parameters(State(server): Shared) -> Response {
    let parameters = json!({
        "MaxConcurrentTransforms": 2 * server.n_threads,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": TRANSFORM_MB,
    });
    ([(header::CONTENT_TYPE, JSON)], parameters.to_string()).into_response()
}

async fn no_route() -> Response {
    let refused = Refused::Unknown(
        StatusCode::NOT_FOUND,
        "there is nothing here; texts go to /invocations, /embed or /v1/embeddings",
    );
    refused.response(Dialect::Inputs)
}

async fn no_method() -> Response {
    let refused = Refused::Unknown(
        StatusCode::METHOD_NOT_ALLOWED,
        "texts are sent by POST, everything else is asked for by GET",
    );
    refused.response(Dialect::Inputs)
}

async fn invocations(State(server): Shared, request: Request<Body>) -> Response {
    let is_lines = content_type(request.headers()) == JSON_LINES;
    let form = if is_lines { Form::Lines } else { Form::Inputs };
    answer(&server, request, "/invocations", form).await
}

async fn embed(State(server): Shared, request: Request<Body>) -> Response {
    answer(&server, request, "/embed", Form::Inputs).await
}

async fn openai(State(server): Shared, request: Request<Body>) -> Response {
    answer(&server, request, "/v1/embeddings", Form::OpenAi).await
}

/// How a body is to be read, and its answer to be written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Inputs,
    Lines,
    OpenAi,
}

/// Whose words an error is told in.
#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    /// `{"error": …, "error_type": …}`, as Text Embeddings Inference.
    Inputs,
    /// `{"error": {"message": …, "type": …}}`.
    OpenAi,
}

impl From<Form> for Dialect {
    fn from(form: Form) -> Self {
        match form {
            Form::Inputs | Form::Lines => Self::Inputs,
            Form::OpenAi => Self::OpenAi,
        }
    }
}

async fn answer(
    server: &Server,
    request: Request<Body>,
    route: &'static str,
    form: Form,
) -> Response {
    let started = Instant::now();
    let mut n_texts = 0;
    let result = vectors(server, request, form, &mut n_texts).await;
    let response = result.unwrap_or_else(|refused| refused.response(form.into()));
    let (status, took) = (response.status().as_u16(), started.elapsed());
    server.metrics.answered(route, status, took);
    (server.say)(Event::Answered {
        route,
        status,
        n_texts,
        milliseconds: took.as_millis(),
    });
    response
}

async fn vectors(
    server: &Server,
    request: Request<Body>,
    form: Form,
    n_texts: &mut usize,
) -> Result<Response, Refused> {
    let model = server.health.model().ok_or(Refused::NotReady)?.clone();
    let (parts, body) = request.into_parts();
    check_content_type(&parts.headers, form)?;
    let accept = accepted(&parts.headers, form)?;
    // Held until the answer is made: what is being worked on takes memory too.
    let (body, _permit) = read(server, &parts.headers, body).await?;
    let (mut ask, ids) = parsed(&body, form)?;
    drop(body);
    *n_texts = ask.texts.len();
    check(&ask, &*model, server.limits.items)?;
    let texts = std::mem::take(&mut ask.texts);
    let n = texts.len();
    let answer = server.queue.push(texts, ask.truncates);
    let answer = answer.map_err(|_| Refused::Full)?.await;
    // Without an answer its thread has died.
    let answered = answer
        .map_err(|_| Refused::NotReady)?
        .map_err(Refused::Failed)?;
    let d = model.tag().dimension;
    Ok(written(
        &answered,
        (n, d),
        &ask,
        &ids,
        form,
        accept,
        &model.tag().model_id,
    ))
}

fn parsed(body: &[u8], form: Form) -> Result<(Ask, Vec<Option<serde_json::Value>>), Refused> {
    Ok(match form {
        Form::Inputs => (wire::ask(body)?, Vec::new()),
        Form::OpenAi => (wire::openai_ask(body)?, Vec::new()),
        Form::Lines => {
            let lines = wire::asked_lines(body)?;
            let (ids, texts) = lines.into_iter().map(|line| (line.id, line.text)).unzip();
            let ask = Ask {
                texts,
                truncates: true,
                ..Ask::default()
            };
            (ask, ids)
        }
    })
}

fn check(ask: &Ask, model: &dyn Embedder, max_items: usize) -> Result<(), Refused> {
    if ask.texts.len() > max_items {
        return Err(Refused::TooMany {
            n: ask.texts.len(),
            limit: max_items,
        });
    }
    let d = model.tag().dimension;
    match ask.dimensions {
        Some(asked) if asked != d => Err(Refused::Dimensions(d)),
        _ => Ok(()),
    }
}

/// What is sent back, if not JSON.
#[derive(Clone, Copy, PartialEq)]
enum Accept {
    Json,
    Raw(&'static str),
    Base64,
}

fn accepted(headers: &HeaderMap, form: Form) -> Result<Accept, Refused> {
    let Some(accept) = headers.get(header::ACCEPT) else {
        return Ok(Accept::Json);
    };
    let accept = accept.to_str().unwrap_or_default().to_ascii_lowercase();
    let is_json = |kind: &str| {
        matches!(kind, "" | "*/*" | "application/*" | JSON)
            || form == Form::Lines && kind == JSON_LINES
    };
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let is_base64 = parts.any(|part| part == "base64");
        match kind {
            RAW | ANY_BYTES if is_base64 => return Ok(Accept::Base64),
            RAW if form != Form::OpenAi => return Ok(Accept::Raw(RAW)),
            ANY_BYTES if form != Form::OpenAi => return Ok(Accept::Raw(ANY_BYTES)),
            _ if is_json(kind) => return Ok(Accept::Json),
            _ => {}
        }
    }
    Err(Refused::Unknown(
        StatusCode::NOT_ACCEPTABLE,
        "this answers in application/json, application/x-f32le or application/x-f32le;base64",
    ))
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/jsonl" | "application/x-jsonlines" | "application/x-ndjson" => {
            JSON_LINES.into()
        }
        kind => kind.into(),
    }
}

/// Clients that name no type, or that of a form, mean JSON.
fn check_content_type(headers: &HeaderMap, form: Form) -> Result<(), Refused> {
    let kind = content_type(headers);
    let is_known = match kind.as_str() {
        ""
        | JSON
        | "text/plain"
        | ANY_BYTES
        | "application/x-www-form-urlencoded"
        | "application/x-text" => true,
        kind => kind == JSON_LINES && form == Form::Lines,
    };
    if is_known {
        return Ok(());
    }
    Err(Refused::Unknown(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "this reads application/json, and at /invocations application/jsonlines too",
    ))
}

async fn read(
    server: &Server,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Bytes, OwnedSemaphorePermit), Refused> {
    let limit = server.limits.body_bytes;
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let length = length.unwrap_or(limit);
    if length > limit {
        return Err(Refused::Large(limit));
    }
    let permits = u32::try_from(kib(length)).unwrap_or(u32::MAX);
    let permit = server.open_kib.clone().try_acquire_many_owned(permits);
    let permit = permit.map_err(|_| Refused::Full)?;
    match timeout(server.limits.body, axum::body::to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok((bytes, permit)),
        Ok(Err(error)) => {
            let source = error.source();
            Err(if source.is_some_and(<dyn Error>::is::<LengthLimitError>) {
                Refused::Large(limit)
            } else {
                Refused::Unknown(StatusCode::BAD_REQUEST, "the body ended too early")
            })
        }
        Err(_) => Err(Refused::Unknown(
            StatusCode::REQUEST_TIMEOUT,
            "the body came too slowly",
        )),
    }
}

fn kib(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

fn written(
    answered: &Answered,
    shape: (usize, usize),
    ask: &Ask,
    ids: &[Option<serde_json::Value>],
    form: Form,
    accept: Accept,
    model_id: &str,
) -> Response {
    let rows = ArrayView2::from_shape(shape, &answered.rows);
    let rows = rows.expect("every text has its row");
    let in_base64 = ask.in_base64 || accept == Accept::Base64;
    let (kind, body) = match (accept, form) {
        (Accept::Raw(kind), _) => (kind, wire::little_endian(rows)),
        (_, Form::Inputs) => (JSON, wire::json_rows(rows, in_base64)),
        (_, Form::Lines) => (JSON_LINES, wire::line_answers(rows, ids, in_base64)),
        (_, Form::OpenAi) => {
            let model = ask.model.as_deref().unwrap_or(model_id);
            (
                JSON,
                wire::openai_answer(rows, in_base64, model, answered.n_tokens),
            )
        }
    };
    let mut response = ([(header::CONTENT_TYPE, kind)], body).into_response();
    let headers = response.headers_mut();
    headers.insert(TRUNCATED, answered.n_truncated.into());
    if let Accept::Raw(_) = accept
        && let Ok(shape) = format!("{},{}", shape.0, shape.1).parse()
    {
        headers.insert(SHAPE, shape);
    }
    response
}

/// Why a request has no vectors; in sentences that repeat nothing of it.
enum Refused {
    NotReady,
    Full,
    Large(usize),
    TooMany { n: usize, limit: usize },
    Dimensions(usize),
    Malformed(MalformedAsk),
    Failed(Failed),
    Unknown(StatusCode, &'static str),
}

impl From<MalformedAsk> for Refused {
    fn from(malformed: MalformedAsk) -> Self {
        Self::Malformed(malformed)
    }
}

impl Refused {
    /// The status, the kind of error as Text Embeddings Inference names it, and a sentence.
    fn told(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::NotReady => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unhealthy",
                "the model is not ready; ask again in a moment".into(),
            ),
            Self::Full => (
                StatusCode::TOO_MANY_REQUESTS,
                "overloaded",
                "too many texts are waiting; send this again later".into(),
            ),
            Self::Large(limit) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "validation",
                format!("the body is over {limit} bytes; send the texts in several requests"),
            ),
            Self::TooMany { n, limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "validation",
                format!("{n} texts are more than {limit}; send them in several requests"),
            ),
            Self::Dimensions(d) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation",
                format!("this model's vectors have {d} dimensions and cannot have others"),
            ),
            Self::Malformed(malformed) => (
                match malformed {
                    MalformedAsk::NotJson { .. } => StatusCode::BAD_REQUEST,
                    _ => StatusCode::UNPROCESSABLE_ENTITY,
                },
                "validation",
                malformed.to_string(),
            ),
            Self::Failed(Failed::TooLong { text, limit }) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "validation",
                format!(
                    "text {text} is longer than {limit} tokens; shorten it or send \"truncate\": true"
                ),
            ),
            Self::Failed(Failed::Model { text }) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "backend",
                format!("the model failed on text {text}"),
            ),
            Self::Unknown(status, sentence) => (*status, "validation", (*sentence).into()),
        }
    }

    fn response(&self, dialect: Dialect) -> Response {
        let (status, kind, sentence) = self.told();
        let body = match dialect {
            Dialect::Inputs => json!({"error": sentence, "error_type": kind}),
            Dialect::OpenAi => {
                let kind = match status {
                    StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
                    status if status.is_server_error() => "server_error",
                    _ => "invalid_request_error",
                };
                json!({"error": {"message": sentence, "type": kind, "param": null, "code": null}})
            }
        };
        let kind = [(header::CONTENT_TYPE, JSON)];
        let mut response = (status, kind, body.to_string()).into_response();
        if matches!(self, Self::Full | Self::NotReady) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

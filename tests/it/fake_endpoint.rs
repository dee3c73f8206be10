//! A server that speaks the forms of all destinations, and has their faults.
//!
//! It checks the signature of each request by working it out from the description of the algorithm,
//! and counts how often each text was answered, which is what is paid for.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ndarray::Array2;
use semascope::embed::Embedder;
use semascope::progress::Progress;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How vectors are wrapped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// `[n][d]`.
    Pooled,
    /// `[n][1][t][d]`, as the container of Hugging Face answers a list.
    TokensOfList,
    /// `[n][t][d]`.
    Tokens,
    /// `{"embedding": [n][d]}`, as JumpStart.
    JumpStart,
    /// `{"embedding": [[n][d]]}`, as some of its builds.
    JumpStartNested,
    /// `{"vectors": [n][d]}`.
    Vectors,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// `ThrottlingException`, with status 400 and no message.
    NullThrottle,
    /// `ServiceUnavailable`.
    Unavailable,
    /// `InternalFailure`.
    Internal,
    /// Status 530.
    Dependency,
    /// `ModelError` with this status of the container.
    Model(u16),
    /// The connection ends without an answer.
    Reset,
    /// The answer begins, comes slowly, and breaks off.
    Drip,
    /// The answer is cut off, though its length says that it is whole.
    TruncatedJson,
    /// One number is none.
    NotANumber,
    /// One vector is missing.
    WrongNumber,
}

/// Faults before anything is paid for.
pub const BEFORE_THE_ANSWER: [Fault; 7] = [
    Fault::NullThrottle,
    Fault::Unavailable,
    Fault::Internal,
    Fault::Dependency,
    Fault::Model(503),
    Fault::Reset,
    Fault::Model(507),
];

/// Faults of an answer that was made.
pub const OF_THE_ANSWER: [Fault; 4] = [
    Fault::Drip,
    Fault::TruncatedJson,
    Fault::NotANumber,
    Fault::WrongNumber,
];

/// How the server behaves.
#[derive(Debug, Clone)]
pub struct Plan {
    pub shape: Shape,
    /// Which requests go wrong, of 100.
    pub faults_per_100: u32,
    pub faults: Vec<Fault>,
    /// Requests that find the endpoint asleep.
    pub n_cold: usize,
    /// More at once are throttled.
    pub most_at_once: usize,
    /// More in one request are refused.
    pub most_texts: usize,
    /// Longer bodies are refused.
    pub most_bytes: usize,
    /// Every request gets this answer.
    pub always: Option<(u16, &'static str, &'static str)>,
    /// What each request takes.
    pub delay: Duration,
    /// Vectors are not those of the model.
    pub is_other_model: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            shape: Shape::Pooled,
            faults_per_100: 0,
            faults: Vec::new(),
            n_cold: 0,
            most_at_once: usize::MAX,
            most_texts: usize::MAX,
            most_bytes: usize::MAX,
            always: None,
            delay: Duration::ZERO,
            is_other_model: false,
        }
    }
}

/// A server that ends with the test.
pub struct Fake {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    plan: Plan,
    model: Arc<dyn Embedder>,
    known: Mutex<HashMap<String, Vec<f32>>>,
    paid: Mutex<BTreeMap<String, usize>>,
    n_calls: AtomicUsize,
    n_faults: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    wrong: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl Fake {
    pub fn start(model: Arc<dyn Embedder>, plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            plan,
            model,
            known: Mutex::default(),
            paid: Mutex::default(),
            n_calls: AtomicUsize::new(0),
            n_faults: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            wrong: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        let accept = move || {
            for stream in listener.incoming() {
                let serving = accepting.clone();
                if serving.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let serve = move || serving.serve(stream.unwrap());
                thread::Builder::new().spawn(serve).unwrap();
            }
        };
        thread::Builder::new().spawn(accept).unwrap();
        Self { address, shared }
    }

    /// Vectors that it need not compute.
    pub fn knows(&self, texts: &[&str], vectors: &Array2<f32>) {
        let rows = vectors.rows().into_iter().map(|row| row.to_vec());
        let texts = texts.iter().map(|text| (*text).to_owned());
        self.shared.known.lock().unwrap().extend(texts.zip(rows));
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often each text was answered.
    pub fn paid(&self) -> BTreeMap<String, usize> {
        self.shared.paid.lock().unwrap().clone()
    }

    pub fn n_calls(&self) -> usize {
        self.shared.n_calls.load(Ordering::Relaxed)
    }

    pub fn n_faults(&self) -> usize {
        self.shared.n_faults.load(Ordering::Relaxed)
    }

    /// The most requests that were under way at once.
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::Relaxed)
    }

    /// What was wrong with requests: signatures, forms.
    pub fn wrong(&self) -> Vec<String> {
        self.shared.wrong.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

struct Asked {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let mut reader = BufReader::new(stream);
        while let Some(asked) = read(&mut reader) {
            let n = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(n, Ordering::SeqCst);
            let goes_on = self.answer(&asked, n, reader.get_mut());
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            if !goes_on {
                return;
            }
        }
    }

    fn complain(&self, what: impl Into<String>) {
        self.wrong.lock().unwrap().push(what.into());
    }

    /// Whether the connection goes on.
    fn answer(&self, asked: &Asked, n_at_once: usize, stream: &mut TcpStream) -> bool {
        let call = self.n_calls.fetch_add(1, Ordering::SeqCst);
        if let Err(wrong) = check_signature(asked) {
            self.complain(wrong);
            return refuse(stream, 403, "InvalidSignatureException", "{}");
        }
        thread::sleep(self.plan.delay);
        if let Some((status, code, body)) = self.plan.always {
            return refuse(stream, status, code, body);
        }
        if call < self.plan.n_cold {
            return refuse(
                stream,
                429,
                "ModelNotReadyException",
                "{\"message\":\"asleep\"}",
            );
        }
        if n_at_once > self.plan.most_at_once {
            return refuse(stream, 400, "ThrottlingException", "{\"message\":null}");
        }
        if asked.body.len() > self.plan.most_bytes {
            return refuse(
                stream,
                400,
                "ValidationError",
                "{\"message\":\"oversize body\"}",
            );
        }
        let Some(texts) = texts(asked) else {
            self.complain(format!("form of {}", asked.path));
            return refuse(stream, 400, "ValidationError", "{\"message\":\"form\"}");
        };
        if texts.len() > self.plan.most_texts {
            return refuse(stream, 424, "ModelError", "{\"OriginalStatusCode\":422}");
        }
        let fault = self.fault(call);
        if let Some(fault) = fault {
            self.n_faults.fetch_add(1, Ordering::SeqCst);
            match fault {
                Fault::NullThrottle => {
                    return refuse(stream, 400, "ThrottlingException", "{\"message\":null}");
                }
                Fault::Unavailable => return refuse(stream, 503, "ServiceUnavailable", ""),
                Fault::Internal => return refuse(stream, 500, "InternalFailure", "{}"),
                Fault::Dependency => {
                    return refuse(stream, 530, "InternalDependencyException", "{}");
                }
                Fault::Model(status) => {
                    let body = json!({"OriginalStatusCode": status, "OriginalMessage": texts[0]});
                    return refuse(stream, 424, "ModelError", &body.to_string());
                }
                Fault::Reset => return false,
                _ => {}
            }
        }
        let body = self.body(asked, &texts, fault);
        if let Some(fault) = fault {
            return broken_answer(stream, fault, &body);
        }
        let mut paid = self.paid.lock().unwrap();
        for text in texts {
            *paid.entry(text).or_default() += 1;
        }
        drop(paid);
        send(stream, 200, &[], &body)
    }

    /// By a generator of its own for each call, so that runs are alike whatever their order.
    fn fault(&self, call: usize) -> Option<Fault> {
        let mut x = (call as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x ^= x >> 29;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x ^= x >> 32;
        let hits = (x % 100) < u64::from(self.plan.faults_per_100);
        let which = (x >> 8) as usize % self.plan.faults.len().max(1);
        self.plan.faults.get(which).copied().filter(|_| hits)
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        if let Some(known) = self.known.lock().unwrap().get(text) {
            return known.clone();
        }
        let rows = self.model.embed(&[text], &Progress::new()).unwrap();
        let mut vector = rows.row(0).to_vec();
        if self.plan.is_other_model {
            vector.reverse();
        }
        self.known
            .lock()
            .unwrap()
            .insert(text.to_owned(), vector.clone());
        vector
    }

    /// The vectors of tokens, whose mean before it gets length 1 is the text's.
    fn tokens(&self, text: &str) -> Vec<Vec<f32>> {
        let tokens = self.model.tokens(text, &Progress::new()).unwrap().unwrap();
        tokens
            .vectors
            .rows()
            .into_iter()
            .map(|row| row.to_vec())
            .collect()
    }

    fn body(&self, asked: &Asked, texts: &[String], fault: Option<Fault>) -> Vec<u8> {
        let n = texts.len() - usize::from(fault == Some(Fault::WrongNumber));
        let rows =
            || -> Vec<Vec<f32>> { texts[..n].iter().map(|text| self.vector(text)).collect() };
        let answer = if asked.path.ends_with("/v1/embeddings") {
            // In another order than asked.
            let entries = rows().into_iter().enumerate().rev();
            let entries = entries
                .map(|(i, row)| json!({"object": "embedding", "index": i, "embedding": row}));
            json!({"object": "list", "data": entries.collect::<Vec<_>>(), "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}})
        } else if asked.path.contains("titan") {
            json!({"embedding": rows().first(), "inputTextTokenCount": 3})
        } else if asked.path.contains("cohere") {
            json!({"embeddings": rows(), "id": "x", "response_type": "embeddings_floats", "texts": texts})
        } else {
            let all_tokens = || texts[..n].iter().map(|text| self.tokens(text));
            match self.plan.shape {
                Shape::Pooled => json!(rows()),
                Shape::TokensOfList => {
                    json!(all_tokens().map(|rows| vec![rows]).collect::<Vec<_>>())
                }
                Shape::Tokens => json!(all_tokens().collect::<Vec<_>>()),
                Shape::JumpStart => json!({"embedding": rows()}),
                Shape::JumpStartNested => json!({"embedding": [rows()]}),
                Shape::Vectors => json!({"vectors": rows()}),
            }
        };
        answer.to_string().into_bytes()
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut parts = line.split(' ').map(str::to_owned);
    let (method, path) = (parts.next()?, parts.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        method,
        path,
        headers,
        body,
    })
}

fn texts(asked: &Asked) -> Option<Vec<String>> {
    let body: Value = serde_json::from_slice(&asked.body).ok()?;
    let field = ["inputs", "text_inputs", "input", "texts", "inputText"]
        .into_iter()
        .find(|field| body.get(field).is_some())?;
    let is_expected = match field {
        "inputs" | "text_inputs" => asked.path.ends_with("/invocations") || asked.path == "/embed",
        "input" => asked.path == "/v1/embeddings",
        "texts" => asked.path.contains("cohere") && body.get("input_type").is_some(),
        _ => asked.path.contains("titan"),
    };
    match &body[field] {
        Value::String(text) if is_expected => Some(vec![text.clone()]),
        Value::Array(texts) if is_expected => texts
            .iter()
            .map(|text| text.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn send(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)], body: &[u8]) -> bool {
    let mut head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n"]);
    stream.write_all(&[head.as_bytes(), body].concat()).is_ok()
}

fn refuse(stream: &mut TcpStream, status: u16, code: &str, body: &str) -> bool {
    send(
        stream,
        status,
        &[("x-amzn-errortype", code)],
        body.as_bytes(),
    )
}

fn broken_answer(stream: &mut TcpStream, fault: Fault, body: &[u8]) -> bool {
    match fault {
        Fault::TruncatedJson => send(stream, 200, &[], &body[..body.len() / 2]),
        Fault::NotANumber => {
            let text = String::from_utf8_lossy(body);
            send(
                stream,
                200,
                &[],
                text.replacen("0.0", "NaN", 1)
                    .replacen("[-0.", "[NaN, -0.", 1)
                    .as_bytes(),
            )
        }
        Fault::Drip => {
            let head = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes());
            for byte in &body[..20] {
                let _ = stream.write_all(&[*byte]);
                thread::sleep(Duration::from_millis(10));
            }
            false
        }
        _ => send(stream, 200, &[], body),
    }
}

/// Requests to Amazon's paths must be signed by nobody's key; others must not be signed at all.
fn check_signature(asked: &Asked) -> Result<(), String> {
    let is_amazon = asked.path.starts_with("/endpoints/") || asked.path.starts_with("/model/");
    let authorization = asked.headers.get("authorization");
    let authorization = match (is_amazon, authorization) {
        (false, None) => return Ok(()),
        (false, Some(_)) => return Err("a signature for a server that needs none".into()),
        (true, None) => return Err("no signature".into()),
        (true, Some(authorization)) => authorization,
    };
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(name)?;
        rest.split([',', ' ']).next().map(str::to_owned)
    };
    let (Some(credential), Some(names), Some(signature)) = (
        part("Credential="),
        part("SignedHeaders="),
        part("Signature="),
    ) else {
        return Err(format!("parts are missing: {authorization}"));
    };
    let scope: Vec<&str> = credential.split('/').collect();
    let ["NOBODY", date, region, service, "aws4_request"] = scope[..] else {
        return Err(format!("the key or scope is wrong: {credential}"));
    };
    let headers: String = names
        .split(';')
        .map(|name| {
            format!(
                "{name}:{}\n",
                asked.headers.get(name).map_or("", String::as_str)
            )
        })
        .collect();
    // The path is escaped once more than it is sent.
    let path = asked.path.replace('%', "%25");
    let canonical = format!(
        "{}\n{path}\n\n{headers}\n{names}\n{}",
        asked.method,
        hex(&Sha256::digest(&asked.body))
    );
    let time = asked.headers.get("x-amz-date").ok_or("no date")?;
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex(&Sha256::digest(canonical.as_bytes()))
    );
    let mut key = b"AWS4nobody".to_vec();
    for part in [date, region, service, "aws4_request", &to_sign] {
        key = hmac(&key, part.as_bytes());
    }
    if hex(&key) == signature {
        Ok(())
    } else {
        Err(format!("the signature is wrong for\n{canonical}"))
    }
}

/// RFC 2104, for keys of up to 64 bytes.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| -> Vec<u8> {
        (0..64)
            .map(|i| key.get(i).copied().unwrap_or(0) ^ byte)
            .collect()
    };
    let inner = Sha256::digest([&pad(0x36)[..], message].concat());
    Sha256::digest([&pad(0x5c)[..], &inner[..]].concat()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

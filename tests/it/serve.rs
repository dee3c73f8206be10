//! `semascope serve`, started as a user or SageMaker starts it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ndarray::Array2;
use semascope::embed::{EmbedderChoice, PrecisionRule, open};
use semascope::progress::Progress;
use serde_json::{Value, json};

use crate::http::Client;
use crate::support::{finished, repository, semascope};

/// A server that ends with the test.
pub struct Served {
    pub address: SocketAddr,
    child: Child,
    told: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Served {
    pub fn start(args: &[&str]) -> Self {
        let mut command = semascope();
        command.args(["serve", "--port", "0"]).args(args);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("Listening on http://").unwrap();
        let address = address.parse().unwrap();
        let told = Arc::new(Mutex::new(first));
        let heard = told.clone();
        let listener = thread::Builder::new().spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut told = heard.lock().unwrap();
                told.push('\n');
                told.push_str(&line);
            }
        });
        Self {
            address,
            child,
            told,
            listener: Some(listener.unwrap()),
        }
    }

    /// Starts, and waits until it is well.
    pub fn ready(args: &[&str]) -> Self {
        let served = Self::start(args);
        served.wait();
        served
    }

    fn wait(&self) {
        let mut client = Client::new(self.address);
        let asked = Instant::now();
        while client.get("/ping").status != 200 {
            assert!(
                asked.elapsed() < Duration::from_mins(1),
                "it never became well"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, in MB.
    #[cfg(target_os = "linux")]
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024.0
    }

    /// Asks it to end, and gives the exit code and everything that it told.
    #[cfg(unix)]
    pub fn end(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let code = self.child.wait().unwrap().code();
        self.listener.take().unwrap().join().unwrap();
        let told = self.told.lock().unwrap().clone();
        (code, told)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the same model gives on this computer without a server.
pub fn local(texts: &[&str]) -> Array2<f32> {
    let progress = Progress::new();
    let model = open(&EmbedderChoice::Bundled, PrecisionRule::Auto, &progress).unwrap();
    model.embed(texts, &progress).unwrap()
}

/// That rows are what the same model gives here.
pub fn check_rows(rows: &[Vec<f32>], texts: &[&str]) {
    let expected = local(texts);
    assert_eq!(rows.len(), texts.len());
    for (row, expected) in rows.iter().zip(expected.rows()) {
        let cosine: f32 = row.iter().zip(expected).map(|(a, b)| a * b).sum();
        assert!(row.len() == 384 && cosine >= 0.9999, "{cosine}");
    }
}

const TEXTS: [&str; 3] = ["Low water.", "Das Wasser ist niedrig. 水位低。", ""];

#[test]
fn every_form_gets_the_vectors_of_the_model() {
    let served = Served::ready(&[]);
    let mut client = served.client();
    for (path, body) in [
        ("/invocations", json!({"inputs": TEXTS})),
        ("/endpoints/any-name/invocations", json!({"inputs": TEXTS})),
        (
            "/embed",
            json!({"inputs": TEXTS, "truncate": true, "normalize": true}),
        ),
        ("/invocations", json!({"text_inputs": TEXTS})),
        ("/invocations", json!(TEXTS)),
    ] {
        let answer = client.post(path, &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.text());
        check_rows(&answer.json::<Vec<Vec<f32>>>(), &TEXTS);
    }
    let one = client.post("/invocations", r#"{"inputs": "Low water."}"#);
    check_rows(&one.json::<Vec<Vec<f32>>>(), &TEXTS[..1]);

    let openai = json!({"input": TEXTS, "model": "mine"});
    let answer: Value = client.post("/v1/embeddings", &openai.to_string()).json();
    let rows: Vec<Vec<f32>> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| serde_json::from_value(entry["embedding"].clone()).unwrap())
        .collect();
    check_rows(&rows, &TEXTS);
    assert_eq!(answer["model"], "mine");
    assert_eq!(
        client.post("/invocations", r#"{"inputs": []}"#).text(),
        "[]"
    );
}

#[test]
fn floats_come_raw_and_in_base64_when_asked_for() {
    let served = Served::ready(&[]);
    let mut client = served.client();
    let body = json!({"inputs": TEXTS}).to_string();
    let expected = local(&TEXTS);
    let is_near = |floats: &[f32]| {
        let mut pairs = floats.iter().zip(&expected);
        floats.len() == expected.len() && pairs.all(|(a, b)| (a - b).abs() < 1e-4)
    };
    let json = ("content-type", "application/json");
    let raw = [json, ("accept", "application/x-f32le")];
    let raw = client
        .ask("POST", "/invocations", &raw, body.as_bytes())
        .unwrap();
    assert_eq!(raw.headers["x-semascope-shape"], "3,384");
    let floats: Vec<f32> = raw
        .body
        .as_chunks()
        .0
        .iter()
        .map(|x| f32::from_le_bytes(*x))
        .collect();
    assert!(is_near(&floats));

    let base64 = [json, ("accept", "application/x-f32le;base64")];
    let base64 = client
        .ask("POST", "/invocations", &base64, body.as_bytes())
        .unwrap();
    let rows: Vec<String> = base64.json();
    let floats = rows
        .iter()
        .flat_map(|row| semascope::embed::wire::base64_floats(row).unwrap());
    assert!(is_near(&floats.collect::<Vec<f32>>()));
    let strange = [json, ("accept", "application/x-npy")];
    let strange = client
        .ask("POST", "/invocations", &strange, body.as_bytes())
        .unwrap();
    assert_eq!(strange.status, 406);
}

#[test]
fn a_line_is_answered_by_a_line() {
    let served = Served::ready(&[]);
    let lines: String = (0..700)
        .map(|i| json!({"id": i, "inputs": format!("Text {i} of many.")}).to_string() + "\n")
        .collect();
    let kind = [
        ("content-type", "application/jsonlines"),
        ("accept", "application/jsonlines"),
    ];
    let answer = served
        .client()
        .ask("POST", "/invocations", &kind, lines.as_bytes())
        .unwrap();
    let answers: Vec<Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<u64> = answers
        .iter()
        .map(|line| line["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (0..700).collect::<Vec<_>>());
    let last: Vec<f32> = serde_json::from_value(answers[699]["embedding"].clone()).unwrap();
    check_rows(&[last], &["Text 699 of many."]);
}

#[test]
fn what_cannot_be_served_is_refused_with_a_sentence() {
    let served = Served::ready(&[
        "--max-body",
        "100000",
        "--max-texts",
        "50",
        "--max-waiting",
        "50",
    ]);
    let mut client = served.client();
    let long = "word ".repeat(400);
    let many = json!({"inputs": vec!["a"; 51]}).to_string();
    let large = json!({"inputs": "a".repeat(100_001)}).to_string();
    for (path, body, status, told) in [
        (
            "/invocations",
            "{",
            400,
            "this is not JSON: line 1, column 1",
        ),
        ("/embed", r#"{"texts": ["a"]}"#, 422, "expected {\"inputs\""),
        (
            "/embed",
            r#"{"inputs": "a", "normalize": false}"#,
            422,
            "length 1",
        ),
        (
            "/embed",
            r#"{"inputs": "a", "dimensions": 512}"#,
            422,
            "384 dimensions",
        ),
        (
            "/embed",
            &json!({"inputs": ["a", long], "truncate": false}).to_string(),
            413,
            "text 1 is longer than 254 tokens",
        ),
        ("/embed", &many, 413, "51 texts are more than 50"),
        ("/nowhere", "{}", 404, "/invocations"),
    ] {
        let answer = client.post(path, body);
        let error: Value = answer.json();
        assert_eq!(answer.status, status, "{path}: {error}");
        assert!(error["error"].as_str().unwrap().contains(told), "{error}");
        assert!(error["error_type"].is_string());
    }
    let ids = client.post("/v1/embeddings", r#"{"input": [[1, 2, 3]]}"#);
    assert_eq!(ids.status, 422);
    let error: Value = ids.json();
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("token ids")
    );
    assert_eq!(client.get("/embed").status, 405);
    let pdf = client
        .ask(
            "POST",
            "/embed",
            &[("content-type", "application/pdf")],
            b"x",
        )
        .unwrap();
    assert_eq!(pdf.status, 415);
    // The connection ends, as nobody wants to read the rest.
    assert_eq!(served.client().post("/embed", &large).status, 413);
    let truncated = served
        .client()
        .post("/embed", &json!({"inputs": ["a", long]}).to_string());
    assert_eq!(truncated.headers["x-semascope-truncated"], "1");
}

#[test]
fn a_full_queue_refuses_and_goes_on() {
    let served = Served::ready(&["--max-texts", "64", "--max-waiting", "64", "--threads", "1"]);
    let body = json!({"inputs": vec!["A sentence of some length. ".repeat(40); 64]}).to_string();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let ask = |_| {
            scope.spawn(|| {
                let mut client = served.client();
                let answer = client.post("/invocations", &body);
                assert_eq!(
                    answer.headers.contains_key("retry-after"),
                    answer.status == 429
                );
                answer.status
            })
        };
        let asked: Vec<_> = (0..6).map(ask).collect();
        asked
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        statuses.iter().all(|status| [200, 429].contains(status)),
        "{statuses:?}"
    );
    assert!(
        statuses.contains(&200) && statuses.contains(&429),
        "{statuses:?}"
    );
    assert_eq!(
        served
            .client()
            .post("/invocations", r#"{"inputs": "a"}"#)
            .status,
        200
    );
    let metrics = served.client().get("/metrics");
    assert!(
        metrics
            .text()
            .contains("requests_total{route=\"/invocations\",status=\"429\"}")
    );
}

#[test]
fn a_short_text_does_not_wait_behind_a_long_request() {
    let served = Served::ready(&[]);
    let long = json!({"inputs": vec!["A sentence of some length. ".repeat(40); 60]}).to_string();
    thread::scope(|scope| {
        let long = scope.spawn(|| {
            served.client().post("/invocations", &long);
            Instant::now()
        });
        // The metrics tell when the long one waits.
        let mut client = served.client();
        while client.get("/metrics").text().contains("waiting_texts 0\n") {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(
            client
                .post("/invocations", r#"{"inputs": "Short."}"#)
                .status,
            200
        );
        let answered = Instant::now();
        assert!(answered < long.join().unwrap(), "the short one came last");
    });
}

#[cfg(unix)]
#[test]
fn what_was_accepted_is_answered_before_it_ends() {
    let served = Served::ready(&[]);
    let address = served.address;
    let body = json!({"inputs": vec!["A sentence of some length. ".repeat(40); 30]}).to_string();
    let asked = thread::Builder::new()
        .spawn(move || Client::new(address).post("/invocations", &body))
        .unwrap();
    let mut client = served.client();
    while client.get("/metrics").text().contains("waiting_texts 0\n") {
        thread::sleep(Duration::from_millis(1));
    }
    let (code, told) = served.end();
    assert_eq!(code, Some(0), "{told}");
    let answer = asked.join().unwrap();
    assert_eq!(answer.json::<Vec<Vec<f32>>>().len(), 30);
    assert!(told.contains("Ready: all-MiniLM-L6-v2"), "{told}");
}

#[cfg(unix)]
#[test]
fn no_text_is_ever_told() {
    const CANARY: &str = "zanzibarcanary";
    let served = Served::ready(&["--log"]);
    let mut client = served.client();
    for body in [
        json!({"inputs": [CANARY, CANARY]}).to_string(),
        json!({"inputs": CANARY.repeat(500)}).to_string(),
        json!({"inputs": CANARY, "truncate": CANARY}).to_string(),
        json!({CANARY: CANARY}).to_string(),
        format!("{{\"inputs\": \"{CANARY}"),
        CANARY.to_owned(),
    ] {
        for path in ["/invocations", "/embed", "/v1/embeddings"] {
            let answer = client.post(path, &body);
            assert!(!answer.text().contains(CANARY), "{}", answer.text());
        }
    }
    let metrics = client.get("/metrics");
    assert!(!metrics.text().contains(CANARY));
    let (_, told) = served.end();
    assert!(told.contains("/invocations 200 2 texts"), "{told}");
    assert!(!told.contains(CANARY), "{told}");
}

/// Bodies of all kinds that no server should get, by number.
fn malformed(i: usize) -> Vec<u8> {
    let filler = "x".repeat(i % 997);
    match i % 10 {
        0 => format!("{{\"inputs\": \"{filler}").into(),
        1 => format!("{{\"inputs\": {{\"{filler}\": 1}}}}").into(),
        2 => "[".repeat(1 + i % 5_000).into(),
        3 => vec![0xff; 1 + i % 500],
        4 => format!("{{\"inputs\": [\"{filler}\", null]}}").into(),
        5 => format!("{{\"inputs\": 1e{i}}}").into(),
        6 => Vec::new(),
        7 => format!("{{\"inputs\": \"\\ud800{filler}\"}}").into(),
        8 => json!({"inputs": vec![filler; 200]}).to_string().into(),
        _ => json!({"inputs": "y".repeat(60_000)}).to_string().into(),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ten_thousand_bad_requests_leave_it_well_and_no_larger() {
    const N: usize = 10_000;
    let served = Served::ready(&["--max-body", "50000", "--max-texts", "100"]);
    let ask = |range: std::ops::Range<usize>| {
        let mut client = served.client();
        for i in range {
            let kind = if i % 3 == 0 {
                "application/jsonlines"
            } else {
                "application/json"
            };
            let headers = [("content-type", kind)];
            let answer = client.ask("POST", "/invocations", &headers, &malformed(i));
            // A body that is too large ends the connection, before or after the answer is read.
            match answer {
                Ok(answer) => assert!(
                    (400..500).contains(&answer.status) || i % 10 == 6,
                    "{i}: {}",
                    answer.status
                ),
                Err(_) => assert_eq!(i % 10, 9),
            }
            if i % 10 == 9 {
                client = served.client();
            }
        }
    };
    let all = |from: usize, to: usize| {
        let step = (to - from) / 4;
        thread::scope(|scope| {
            for part in 0..4 {
                scope.spawn(move || ask(from + part * step..from + (part + 1) * step));
            }
        });
    };
    // The first ones fill the allocator's pools.
    all(0, N / 5);
    let before = served.memory();
    all(N / 5, N);
    let after = served.memory();
    println!(
        "{N} bad requests: {before:.0} MB after the first fifth, {after:.0} MB after the last"
    );
    assert!(after < before + 32.0, "{before} MB, then {after} MB");
    assert_eq!(served.client().get("/ping").status, 200);
    check_rows(
        &served
            .client()
            .post("/embed", &json!({"inputs": TEXTS}).to_string())
            .json::<Vec<Vec<f32>>>(),
        &TEXTS,
    );
}

#[test]
fn a_client_that_breaks_off_or_dawdles_harms_no_other() {
    let served = Served::ready(&[]);
    let long = json!({"inputs": vec!["A sentence of some length. ".repeat(40); 300]}).to_string();
    for _ in 0..5 {
        let mut gone = served.client();
        let head = format!(
            "POST /embed HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
            long.len()
        );
        gone.send(&[head.as_bytes(), long.as_bytes()].concat())
            .unwrap();
    }
    let mut half = served.client();
    half.send(b"POST /embed HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{\"inp")
        .unwrap();
    assert_eq!(
        served.client().post("/embed", r#"{"inputs": "a"}"#).status,
        200
    );
    // What nobody waits for is dropped, long before it would have been embedded.
    let started = Instant::now();
    while !served
        .client()
        .get("/metrics")
        .text()
        .contains("waiting_texts 0\n")
    {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "texts wait for nobody"
        );
        thread::sleep(Duration::from_millis(20));
    }
    let embedded = served.client().get("/metrics");
    let line = embedded
        .text()
        .lines()
        .find(|line| line.starts_with("semascope_texts_total"))
        .unwrap();
    let n: usize = line.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(n < 1_500, "{n} texts were embedded for nobody");
}

#[test]
fn a_port_that_is_taken_is_a_sentence() {
    let served = Served::start(&[]);
    let port = served.address.port().to_string();
    let (code, _, told) = finished(semascope().args(["serve", "--port", &port]));
    assert_eq!(code, 2);
    assert!(
        told.starts_with(&format!(
            "Cannot listen on 127.0.0.1:{port}; choose another"
        )),
        "{told}"
    );
}

#[test]
fn a_model_that_cannot_be_opened_ends_it_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().display().to_string();
    let (code, _, told) = finished(semascope().args(["serve", "--port", "0", "--model", &model]));
    assert_eq!(code, 2);
    assert!(told.contains("config.json"), "{told}");
}

#[test]
fn clients_that_others_wrote_get_the_same_vectors() {
    let Some(python) = crate::python::python() else {
        return;
    };
    let served = Served::ready(&[]);
    let address = format!("http://{}", served.address);
    let mut asked = Command::new(python);
    asked
        .arg(repository("tests/fixtures/serve/clients.py"))
        .args([&address, &json!(TEXTS).to_string()]);
    let (code, found, told) = finished(&mut asked);
    assert_eq!(code, 0, "{told}");
    let found: Value = serde_json::from_str(&found).unwrap();
    for client in ["botocore", "botocore_lines", "openai", "openai_floats"] {
        let rows: Vec<Vec<f32>> = serde_json::from_value(found[client].clone()).unwrap();
        check_rows(&rows, &TEXTS);
    }
    let error = found["openai_error"].as_str().unwrap();
    assert!(error.contains("384 dimensions"), "{error}");
}

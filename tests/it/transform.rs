//! A batch job from plan to vectors, on a server that others wrote to stand in for Amazon.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use semascope::embed::remote::transform::read_texts;
use semascope::embed::wire::line_answers;
use semascope::embed::{EmbedderChoice, PrecisionRule, open};
use semascope::progress::Progress;
use serde_json::Value;

use crate::http::Client;
use crate::python::python;
use crate::support::{finished, repository, semascope};

/// moto, which ends with the test.
struct Moto {
    child: Child,
    address: SocketAddr,
}

impl Moto {
    fn start() -> Option<Self> {
        let python = python()?;
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = Command::new(python);
        command.args([
            "-m",
            "moto.server",
            "-H",
            "127.0.0.1",
            "-p",
            &port.to_string(),
        ]);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        };
        let started = Instant::now();
        while std::net::TcpStream::connect(moto.address).is_err() {
            assert!(
                started.elapsed() < Duration::from_mins(1),
                "moto never listened"
            );
            thread::sleep(Duration::from_millis(50));
        }
        Some(moto)
    }

    /// Writes to its S3, as a job would.
    fn put(&self, path: &str, body: &[u8]) {
        let scope = "AWS4-HMAC-SHA256 Credential=X/20261125/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=x";
        let headers = [("authorization", scope)];
        let answer = Client::new(self.address)
            .ask("PUT", path, &headers, body)
            .unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn step(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = semascope();
    command.env_remove("SEMASCOPE_NO_CACHE");
    for (name, below) in [
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_DATA_HOME", "data"),
        ("HOME", "home"),
    ] {
        command.env(name, folder.join(below));
    }
    finished(command.args(args))
}

#[test]
fn a_plan_is_sent_run_fetched_and_taken_in() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let sample = repository("assets/sample").display().to_string();
    let plan = folder.join("plan").display().to_string();
    let url = format!("http://{}", moto.address);
    let remote = [
        "--remote",
        "sagemaker:embeddings@eu-central-1",
        "--remote-url",
        &url,
    ];
    let job = ["--bucket", "s3://my-bucket/jobs", "--job", "news-1"];
    let all = |args: &[&str]| step(folder, &[args, &remote, &job].concat());

    let (code, told, errors) = all(&["transform", "plan", &sample, "--out", &plan]);
    assert_eq!(code, 0, "{errors}");
    assert!(told.contains("Nothing was sent"), "{told}");
    let (code, told, errors) = all(&["transform", "send", &plan]);
    assert_eq!(code, 0, "{errors}");
    assert!(
        told.contains("in account 123456789012, eu-central-1"),
        "{told}"
    );
    assert!(told.contains("run this again with --consent"), "{told}");

    moto.put("/my-bucket", b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>");
    let (code, told, errors) = all(&["transform", "send", &plan, "--consent"]);
    assert_eq!(code, 0, "{errors}");
    assert!(
        told.starts_with("1 shard uploaded, the job was run, 0 answers fetched"),
        "{told}"
    );
    // Its jobs end at once, and compute nothing: the answer is made here.
    let shard = folder.join("plan/input/part-00000.jsonl");
    let texts = read_texts(&shard).unwrap();
    let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = open(
        &EmbedderChoice::Bundled,
        PrecisionRule::Auto,
        &Progress::new(),
    )
    .unwrap();
    let rows = model.embed(&refs, &Progress::new()).unwrap();
    let ids: Vec<Option<Value>> = (0..texts.len()).map(|id| Some(id.into())).collect();
    let answer = line_answers(rows.view(), &ids, false);
    moto.put(
        "/my-bucket/jobs/news-1/output/part-00000.jsonl.out",
        &answer,
    );
    let (code, told, errors) = all(&["transform", "send", &plan, "--consent"]);
    assert_eq!(code, 0, "{errors}");
    assert!(
        told.starts_with("0 shards uploaded, the job had been started, 1 answer fetched"),
        "{told}"
    );

    let (code, told, errors) = step(folder, &["transform", "import", &plan]);
    assert_eq!(code, 0, "{errors}");
    let n = texts.len() - 3;
    assert!(told.starts_with(&format!("{n} vectors came in")), "{told}");
    let (code, told, errors) = all(&["transform", "plan", &sample, "--out", &plan]);
    assert_eq!(code, 0, "{errors}");
    assert!(told.contains("with 0 new texts"), "{told}");
    let ledger = fs::read_to_string(folder.join("data/semascope/sent.jsonl")).unwrap();
    assert!(
        ledger.contains("s3://my-bucket/jobs in account 123456789012"),
        "{ledger}"
    );
}

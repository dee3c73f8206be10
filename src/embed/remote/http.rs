//! One request and its answer.

use std::io;
use std::time::{Duration, SystemTime};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::aws::{SignInError, Signer};
use super::destination::{Destination, ServerUrl, is_link_local};
use super::refusal::{Refused, Verdict};
use crate::embed::gate::{NetworkForbidden, NetworkGate};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// A container on SageMaker may think for 60 s.
pub const THOUGHT: Duration = Duration::from_secs(70);
/// The most that is read of an answer; no request asks for as much.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Where a token for a server of one's own is looked for. It is sent to no host of Amazon.
pub const TOKEN_VARIABLE: &str = "SEMASCOPE_REMOTE_TOKEN";

/// What came of a request.
#[derive(Debug)]
pub enum Reply {
    /// The body of an answer with status 2xx.
    Answered(Vec<u8>),
    /// The server refused.
    Refused(Verdict),
    /// There was no answer, or not all of it.
    Broken(Broken),
}

/// How a call broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// No address for the host, or one that is never asked.
    #[error("the server's name is not known, or leads to an address that is not accepted")]
    Unknown,
    /// Nobody there.
    #[error("the server cannot be reached")]
    Unreachable,
    /// Its certificate is not trusted.
    #[error("the server's certificate is not trusted by this computer")]
    Certificate,
    /// Too slow.
    #[error("the server took too long")]
    Slow,
    /// The connection broke.
    #[error("the connection broke off")]
    Cut,
}

/// Why no request can be made at all.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The switch was thrown.
    #[error(transparent)]
    Forbidden(#[from] NetworkForbidden),
    /// No credentials.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

/// A way to the network, past the switch.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    gate: NetworkGate,
}

impl Http {
    /// Nothing is asked so far. A call may take so long.
    pub fn new(gate: NetworkGate, whole_call: Duration) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(whole_call))
            .max_idle_connections_per_host(200)
            .user_agent(concat!("semascope/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build())
            .build();
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), Guarded::default()),
            gate,
        }
    }

    /// Asks, and waits. What is signed is signed with these headers.
    ///
    /// # Errors
    /// [`CallError`], and then nothing was sent.
    pub fn call(
        &self,
        signer: Option<&Signer>,
        method: &str,
        url: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Result<Reply, CallError> {
        self.gate.check()?;
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(signer) = signer {
            for (name, value) in signer.headers(method, url, headers, body, SystemTime::now())? {
                request = request.header(name, value);
            }
        }
        // A question without a body must not say that it has an empty one.
        let response = if method == "GET" {
            request.body(()).map(|request| self.agent.run(request))
        } else {
            request.body(body).map(|request| self.agent.run(request))
        };
        Ok(match response {
            Ok(Ok(response)) => read(response),
            Ok(Err(error)) => Reply::Broken(broken(&error)),
            // Addresses and headers were checked before.
            Err(_) => Reply::Broken(Broken::Unknown),
        })
    }
}

/// A way to one destination.
#[derive(Debug)]
pub struct Client {
    http: Http,
    address: String,
    signer: Option<Signer>,
    token: Option<String>,
}

impl Client {
    /// For a destination, so far unasked.
    ///
    /// # Errors
    /// When the system gives no means to wait on the network.
    pub fn new(destination: &Destination, gate: NetworkGate) -> io::Result<Self> {
        let is_amazon = destination.url().is_none_or(ServerUrl::is_amazon);
        let signer = match destination.signing() {
            Some((service, region, profile)) if is_amazon => {
                Some(Signer::of_user(service, region, profile, &gate)?)
            }
            Some((service, region, _)) => Some(Signer::of_nobody(service, region)?),
            None => None,
        };
        let token = std::env::var(TOKEN_VARIABLE).ok();
        Ok(Self {
            http: Http::new(gate, THOUGHT),
            address: destination.address(),
            token: token.filter(|token| signer.is_none() && !token.is_empty()),
            signer,
        })
    }

    /// Sends a body, and waits.
    ///
    /// # Errors
    /// [`CallError`], and then nothing was sent.
    pub fn post(&self, body: &[u8]) -> Result<Reply, CallError> {
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json".to_owned()),
        ];
        if let Some(token) = &self.token {
            headers.push(("authorization", format!("Bearer {token}")));
        }
        let signer = self.signer.as_ref();
        self.http
            .call(signer, "POST", &self.address, &headers, body)
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Reply {
    let status = response.status().as_u16();
    let header = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let error_type = header("x-amzn-errortype");
    let retry_after = header("retry-after").and_then(|value| value.trim().parse().ok());
    let body = response
        .body_mut()
        .with_config()
        .limit(MOST_BYTES)
        .read_to_vec();
    match body {
        Ok(body) if (200..300).contains(&status) => Reply::Answered(body),
        Ok(body) => Reply::Refused(
            Refused {
                status,
                error_type: error_type.as_deref(),
                retry_after: retry_after.map(Duration::from_secs),
                body: &body,
            }
            .verdict(),
        ),
        Err(Error::BodyExceedsLimit(_)) => Reply::Refused(Verdict::TooLarge),
        Err(error) => Reply::Broken(broken(&error)),
    }
}

fn broken(error: &Error) -> Broken {
    match error {
        Error::Timeout(_) => Broken::Slow,
        Error::HostNotFound => Broken::Unknown,
        Error::ConnectionFailed => Broken::Unreachable,
        Error::Tls(_) | Error::Rustls(_) => Broken::Certificate,
        Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable => Broken::Unreachable,
            io::ErrorKind::TimedOut => Broken::Slow,
            io::ErrorKind::InvalidData => Broken::Certificate,
            _ => Broken::Cut,
        },
        _ => Broken::Cut,
    }
}

/// Names are looked up as usual, but an answer that leads to where computers keep secrets is none.
#[derive(Debug, Default)]
struct Guarded(DefaultResolver);

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter().filter(|address| !is_link_local(address.ip())) {
            kept.push(*address);
        }
        if kept.is_empty() {
            Err(Error::HostNotFound)
        } else {
            Ok(kept)
        }
    }
}

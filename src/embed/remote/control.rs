//! What batch jobs need of Amazon besides vectors: files on S3, jobs, and whose account it is.

use std::thread;
use std::time::Duration;

use quick_xml::de::from_str;
use serde::Deserialize;
use serde_json::{Value, json};

use super::aws::Signer;
use super::destination::{DestinationError, ProfileName, Region, ServerUrl};
use super::http::{Broken, CallError, Http, Reply};
use super::pace::{Pace, Patience};
use super::refusal::{Cause, Verdict};
use crate::embed::gate::NetworkGate;
use crate::progress::{Cancelled, Progress};

/// A shard or its answer may take so long on a slow line.
const TRANSFER: Duration = Duration::from_mins(15);

/// Why Amazon did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Nothing may be sent.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Refused for good.
    #[error("{what}: {cause}")]
    Refused {
        /// What was asked for.
        what: &'static str,
        /// Why.
        cause: Cause,
    },
    /// It failed again and again.
    #[error("{0} failed again and again; try again later")]
    Failing(&'static str),
    /// The way there is broken.
    #[error(transparent)]
    Broken(Broken),
    /// An answer that is not understood.
    #[error("the answer to {0} is not understood")]
    Answer(&'static str),
}

/// A place on S3: `s3://BUCKET/PREFIX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    bucket: String,
    prefix: String,
}

impl Place {
    /// Checks the names, which become part of addresses.
    ///
    /// # Errors
    /// [`DestinationError::Name`].
    pub fn new(typed: &str) -> Result<Self, DestinationError> {
        let wrong =
            || DestinationError::Name(typed.to_owned(), "a place on S3, as s3://BUCKET/PREFIX");
        let rest = typed.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let is_bucket = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        let is_key = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let is_good = (3..=63).contains(&bucket.len())
            && bucket.chars().all(is_bucket)
            && !bucket.contains("..")
            && bucket.starts_with(|c: char| c.is_ascii_alphanumeric())
            && prefix.chars().all(is_key)
            && prefix.split('/').all(|part| !part.starts_with('.'));
        if !is_good {
            return Err(wrong());
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// A key below the prefix.
    pub fn key(&self, below: &str) -> String {
        if self.prefix.is_empty() {
            below.to_owned()
        } else {
            format!("{}/{below}", self.prefix)
        }
    }
}

/// How a job is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobStatus {
    /// There is no such job.
    Missing,
    /// It waits, runs or is about to stop.
    Running,
    /// Done.
    Completed,
    /// Ended without being done.
    Failed,
}

/// Amazon's services in one region.
#[derive(Debug)]
pub struct Control {
    http: Http,
    region: Region,
    url: Option<ServerUrl>,
    s3: Signer,
    sagemaker: Signer,
    sts: Signer,
    patience: Patience,
}

impl Control {
    /// With the user's sign-in; or nobody's, where `url` stands in for Amazon.
    ///
    /// # Errors
    /// When the system gives no means to wait on the network.
    pub fn new(
        region: &Region,
        profile: Option<&ProfileName>,
        url: Option<&ServerUrl>,
        patience: Patience,
        gate: NetworkGate,
    ) -> std::io::Result<Self> {
        let is_amazon = url.is_none_or(ServerUrl::is_amazon);
        let signer = |service| {
            if is_amazon {
                Signer::of_user(service, region, profile, &gate)
            } else {
                Signer::of_nobody(service, region)
            }
        };
        Ok(Self {
            s3: signer("s3")?,
            sagemaker: signer("sagemaker")?,
            sts: signer("sts")?,
            region: region.clone(),
            url: url.cloned(),
            patience,
            http: Http::new(gate, TRANSFER),
        })
    }

    /// The number of the account and the name of who signs.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn account(&self, progress: &Progress) -> Result<(String, String), ControlError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "GetCallerIdentityResult")]
            result: Identity,
        }
        #[derive(Deserialize)]
        struct Identity {
            #[serde(rename = "Account")]
            account: String,
            #[serde(rename = "Arn")]
            arn: String,
        }
        let what = "asking whose account it is";
        let form = [(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )];
        let body = b"Action=GetCallerIdentity&Version=2011-06-15";
        let url = format!("{}/", self.service("sts"));
        let answer = self.ask(what, &self.sts, "POST", &url, &form, body, progress)?;
        let text = String::from_utf8_lossy(&answer);
        let answer: Answer = from_str(&text).map_err(|_| ControlError::Answer(what))?;
        Ok((answer.result.account, answer.result.arn))
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn put(
        &self,
        place: &Place,
        below: &str,
        body: &[u8],
        progress: &Progress,
    ) -> Result<(), ControlError> {
        let url = format!("{}/{}", self.bucket(place), place.key(below));
        let what = "writing a shard to S3";
        self.ask(what, &self.s3, "PUT", &url, &[], body, progress)?;
        Ok(())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn get(
        &self,
        place: &Place,
        below: &str,
        progress: &Progress,
    ) -> Result<Vec<u8>, ControlError> {
        let url = format!("{}/{}", self.bucket(place), place.key(below));
        self.ask(
            "reading an answer from S3",
            &self.s3,
            "GET",
            &url,
            &[],
            b"",
            progress,
        )
    }

    /// Names and sizes of the files below, without the prefix.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn list(
        &self,
        place: &Place,
        below: &str,
        progress: &Progress,
    ) -> Result<Vec<(String, u64)>, ControlError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "Contents", default)]
            files: Vec<Listed>,
            #[serde(rename = "NextContinuationToken")]
            next: Option<String>,
        }
        #[derive(Deserialize)]
        struct Listed {
            #[serde(rename = "Key")]
            key: String,
            #[serde(rename = "Size")]
            size: u64,
        }
        let what = "listing files on S3";
        let prefix = place.key(below);
        let mut files = Vec::new();
        let mut from = String::new();
        loop {
            let url = format!(
                "{}/?list-type=2&prefix={}{from}",
                self.bucket(place),
                escaped(&prefix)
            );
            let answer = self.ask(what, &self.s3, "GET", &url, &[], b"", progress)?;
            let text = String::from_utf8_lossy(&answer);
            let answer: Answer = from_str(&text).map_err(|_| ControlError::Answer(what))?;
            files.extend(answer.files.into_iter().filter_map(|file| {
                let name = file.key.strip_prefix(&prefix)?;
                Some((name.to_owned(), file.size))
            }));
            match answer.next {
                Some(token) => from = format!("&continuation-token={}", escaped(&token)),
                None => return Ok(files),
            }
        }
    }

    /// Starts a job.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn start(&self, request: &Value, progress: &Progress) -> Result<(), ControlError> {
        self.sagemaker("CreateTransformJob", "starting the job", request, progress)?;
        Ok(())
    }

    /// Asks how a job is doing.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn status(&self, job: &str, progress: &Progress) -> Result<JobStatus, ControlError> {
        let what = "asking how the job is doing";
        let request = json!({"TransformJobName": job});
        let answer = match self.sagemaker("DescribeTransformJob", what, &request, progress) {
            Err(ControlError::Refused {
                cause: Cause::NotFound,
                ..
            }) => return Ok(JobStatus::Missing),
            other => other?,
        };
        let answer: Value =
            serde_json::from_slice(&answer).map_err(|_| ControlError::Answer(what))?;
        match answer["TransformJobStatus"].as_str() {
            Some("Completed") => Ok(JobStatus::Completed),
            Some("Failed" | "Stopped") => Ok(JobStatus::Failed),
            Some("InProgress" | "Stopping") => Ok(JobStatus::Running),
            _ => Err(ControlError::Answer(what)),
        }
    }

    fn sagemaker(
        &self,
        action: &str,
        what: &'static str,
        request: &Value,
        progress: &Progress,
    ) -> Result<Vec<u8>, ControlError> {
        let headers = [
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("SageMaker.{action}")),
        ];
        let url = format!("{}/", self.service("api.sagemaker"));
        let body = request.to_string();
        self.ask(
            what,
            &self.sagemaker,
            "POST",
            &url,
            &headers,
            body.as_bytes(),
            progress,
        )
    }

    fn service(&self, name: &str) -> String {
        super::destination::base(self.url.as_ref(), name, &self.region)
    }

    /// A bucket's own host, but for names with dots, which its certificate does not cover.
    fn bucket(&self, place: &Place) -> String {
        let s3 = self.service("s3");
        match s3.strip_prefix("https://") {
            Some(host) if self.url.is_none() && !place.bucket.contains('.') => {
                format!("https://{}.{host}", place.bucket)
            }
            _ => format!("{s3}/{}", place.bucket),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a request has as many parts")]
    fn ask(
        &self,
        what: &'static str,
        signer: &Signer,
        method: &str,
        url: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
        progress: &Progress,
    ) -> Result<Vec<u8>, ControlError> {
        let mut pace = Pace::new(1, None, self.patience, url.len() as u64);
        let mut n_failed = 0;
        loop {
            progress.check()?;
            let why = match self.http.call(Some(signer), method, url, headers, body)? {
                Reply::Answered(answer) => return Ok(answer),
                Reply::Refused(Verdict::Final(cause)) => {
                    return Err(ControlError::Refused { what, cause });
                }
                Reply::Refused(_) => ControlError::Failing(what),
                Reply::Broken(broken) => ControlError::Broken(broken),
            };
            n_failed += 1;
            let Some(wait) = pace.repeat(n_failed) else {
                return Err(why);
            };
            thread::sleep(wait);
        }
    }
}

/// For the value of a query.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_would_change_an_address_are_refused() {
        assert_eq!(Place::new("s3://my-bucket/a/b/").unwrap().key("c"), "a/b/c");
        assert_eq!(Place::new("s3://my.bucket").unwrap().key("c"), "c");
        for wrong in [
            "my-bucket",
            "s3://",
            "s3://ab",
            "s3://My-Bucket",
            "s3://a/../b",
            "s3://my-bucket/../x",
            "s3://my-bucket/a?b",
            "s3://my-bucket/a b",
            "s3://my-bucket@evil.example/a",
        ] {
            assert!(Place::new(wrong).is_err(), "{wrong}");
        }
    }
}

//! What a server means when it refuses: by the code of the error, never by its status alone.
//!
//! Amazon throttles with status 400 and no message, and a serverless endpoint that wakes up answers
//! 429 with a code that Amazon's own clients do not retry.

use std::time::Duration;

use serde::Deserialize;

/// An answer that is no success.
#[derive(Debug, Clone, Default)]
pub struct Refused<'a> {
    /// The status of HTTP.
    pub status: u16,
    /// The header `x-amzn-errortype`.
    pub error_type: Option<&'a str>,
    /// The header `retry-after`.
    pub retry_after: Option<Duration>,
    /// The body, which may quote what was sent.
    pub body: &'a [u8],
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The endpoint wakes up: ask alone, and wait.
    WarmingUp,
    /// Too much at once: ask less, after a while.
    Busy(Option<Duration>),
    /// It went wrong this time.
    TryAgain,
    /// Too much in one request, or a text that it does not take.
    TooLarge,
    /// Asking again is no use.
    Final(Cause),
}

/// Why asking again is no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Credentials are missing, wrong or too old.
    #[error("the sign-in is missing or has expired; sign in again, as by aws sso login")]
    SignIn,
    /// Credentials are good, but not for this.
    #[error("this account may not do that; it needs {0}, and for a model on Bedrock access to it")]
    Permission(&'static str),
    /// No endpoint or model of that name.
    #[error("there is no such endpoint or model there; check its name and region")]
    NotFound,
    /// The server does not understand the request.
    #[error("the server does not understand the request (HTTP {status}, {code})")]
    Malformed {
        /// The status of HTTP.
        status: u16,
        /// Its code for that, or "no code".
        code: String,
    },
    /// The server sent to another address.
    #[error("the server refers to another address, which is never followed")]
    Redirect,
}

/// Fields of error bodies, as different services name them. Messages are not read but to tell two
/// kinds of one code apart, and never repeated.
#[derive(Deserialize, Default)]
struct Body {
    #[serde(rename = "__type", alias = "code", alias = "Code")]
    code: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
    #[serde(rename = "OriginalStatusCode")]
    original_status: Option<u16>,
}

impl Refused<'_> {
    /// Judges it.
    pub fn verdict(&self) -> Verdict {
        let body: Body = serde_json::from_slice(self.body).unwrap_or_default();
        let code = self.error_type.or(body.code.as_deref()).unwrap_or_default();
        // As in `com.amazonaws.sagemaker#ModelError:http://…`.
        let code = code.split(':').next().unwrap_or_default();
        let code = code.rsplit('#').next().unwrap_or_default();
        let says = |word: &str| {
            let message = body.message.as_deref().unwrap_or_default();
            message.to_ascii_lowercase().contains(word)
        };
        match code {
            "ModelNotReadyException" => Verdict::WarmingUp,
            "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "ServiceQuotaExceededException" => Verdict::Busy(self.retry_after),
            "InternalFailure"
            | "InternalServerException"
            | "InternalDependencyException"
            | "ModelTimeoutException" => Verdict::TryAgain,
            "ModelError" | "ModelErrorException" => {
                self.by_status(body.original_status.unwrap_or(500), code)
            }
            "AccessDeniedException" | "AccessDenied" => Verdict::Final(Cause::Permission(
                "sagemaker:InvokeEndpoint or bedrock:InvokeModel",
            )),
            "ExpiredTokenException"
            | "ExpiredToken"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignatureException"
            | "InvalidClientTokenId" => Verdict::Final(Cause::SignIn),
            "ValidationError" | "ValidationException"
                if says("not found") || says("could not find") =>
            {
                Verdict::Final(Cause::NotFound)
            }
            "ValidationError" | "ValidationException"
                if says("oversize")
                    || says("too large")
                    || says("too long")
                    || says("length")
                    || says("size") =>
            {
                Verdict::TooLarge
            }
            "ResourceNotFoundException" | "ResourceNotFound" => Verdict::Final(Cause::NotFound),
            _ => self.by_status(self.status, code),
        }
    }

    fn by_status(&self, status: u16, code: &str) -> Verdict {
        match status {
            413 | 422 => Verdict::TooLarge,
            // A container that fails on a long text says no more than this.
            400 if code.starts_with("ModelError") => Verdict::TooLarge,
            429 | 503 => Verdict::Busy(self.retry_after),
            408 | 424 | 500.. => Verdict::TryAgain,
            300..400 => Verdict::Final(Cause::Redirect),
            401 => Verdict::Final(Cause::SignIn),
            403 => Verdict::Final(Cause::Permission("leave to use this server")),
            404 => Verdict::Final(Cause::NotFound),
            _ => Verdict::Final(Cause::Malformed {
                status,
                code: safe(code),
            }),
        }
    }
}

/// A code that is no sentence, so that no text gets into an error by way of it.
fn safe(code: &str) -> String {
    let is_code = code.len() <= 64 && code.chars().all(|c| c.is_ascii_alphanumeric());
    if is_code && !code.is_empty() {
        code.to_owned()
    } else {
        "no code".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, error_type: Option<&str>, body: &str) -> Verdict {
        let refused = Refused {
            status,
            error_type,
            retry_after: None,
            body: body.as_bytes(),
        };
        refused.verdict()
    }

    #[test]
    fn codes_are_told_apart_whatever_the_status() {
        let busy = Verdict::Busy(None);
        for (status, error_type, body, expected) in [
            (
                400,
                Some("ThrottlingException"),
                r#"{"message": null}"#,
                busy.clone(),
            ),
            (429, Some("ThrottlingException:http://x"), "", busy.clone()),
            (
                400,
                None,
                r#"{"__type": "com.amazon#ThrottlingException"}"#,
                busy.clone(),
            ),
            (
                429,
                Some("ModelNotReadyException"),
                "{}",
                Verdict::WarmingUp,
            ),
            (503, Some("ServiceUnavailable"), "", busy.clone()),
            (500, Some("InternalFailure"), "", Verdict::TryAgain),
            (
                530,
                Some("InternalDependencyException"),
                "",
                Verdict::TryAgain,
            ),
            (
                424,
                Some("ModelError"),
                r#"{"OriginalStatusCode": 400, "OriginalMessage": "x"}"#,
                Verdict::TooLarge,
            ),
            (
                424,
                Some("ModelError"),
                r#"{"OriginalStatusCode": 413}"#,
                Verdict::TooLarge,
            ),
            (
                424,
                Some("ModelError"),
                r#"{"OriginalStatusCode": 429}"#,
                busy.clone(),
            ),
            (
                424,
                Some("ModelError"),
                r#"{"OriginalStatusCode": 507}"#,
                Verdict::TryAgain,
            ),
            (
                400,
                Some("ValidationError"),
                r#"{"message": "oversize body"}"#,
                Verdict::TooLarge,
            ),
            (
                400,
                Some("ValidationError"),
                r#"{"Message": "Endpoint x of account 1 not found."}"#,
                Verdict::Final(Cause::NotFound),
            ),
            (
                403,
                Some("ExpiredTokenException"),
                "",
                Verdict::Final(Cause::SignIn),
            ),
            (413, None, "", Verdict::TooLarge),
            (
                422,
                None,
                r#"{"error": "batch size 33 > 32", "error_type": "validation"}"#,
                Verdict::TooLarge,
            ),
            (429, None, r#"{"error": "overloaded"}"#, busy),
            (502, None, "<html>", Verdict::TryAgain),
            (307, None, "", Verdict::Final(Cause::Redirect)),
        ] {
            assert_eq!(
                verdict(status, error_type, body),
                expected,
                "{status} {error_type:?} {body}"
            );
        }
    }

    #[test]
    fn no_error_repeats_what_the_server_said() {
        for (status, error_type, body) in [
            (
                400,
                None,
                r#"{"message": "canary", "code": "canary canary"}"#,
            ),
            (418, Some("canary canary"), "canary"),
            (400, Some("ValidationError"), r#"{"message": "canary"}"#),
        ] {
            let told = format!("{:?}", verdict(status, error_type, body));
            assert!(!told.contains("canary"), "{told}");
        }
    }
}

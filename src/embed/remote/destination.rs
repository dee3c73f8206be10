//! Where texts are sent: every name is checked before it becomes part of an address.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ureq::http::Uri;

use crate::embed::wire::Form;

/// A place that embeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An endpoint of SageMaker, serverless or not.
    SageMaker {
        /// Its name.
        endpoint: EndpointName,
        /// Where it is.
        region: Region,
        /// Whose profile signs.
        profile: Option<ProfileName>,
        /// Another address than Amazon's, such as `semascope serve` on this computer.
        url: Option<ServerUrl>,
        /// The form of its requests.
        form: Form,
    },
    /// A model on Bedrock.
    Bedrock {
        /// Which.
        model: BedrockModel,
        /// Where.
        region: Region,
        /// Whose profile signs.
        profile: Option<ProfileName>,
        /// Another address than Amazon's.
        url: Option<ServerUrl>,
    },
    /// Text Embeddings Inference, or another server with `/embed`.
    Tei(ServerUrl),
    /// A server with `/v1/embeddings`.
    OpenAi {
        /// Its address.
        url: ServerUrl,
        /// The model's name there.
        model: String,
    },
}

/// Why a destination is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// The whole has another form.
    #[error(
        "a destination is sagemaker:ENDPOINT@REGION, bedrock:MODEL@REGION, tei:URL or \
         openai:URL#MODEL"
    )]
    Form,
    /// A name has characters that it cannot have.
    #[error("{0} is no name of {1}")]
    Name(String, &'static str),
    /// A model that is not known how to speak to.
    #[error(
        "{0} is no model for embeddings that is known here: amazon.titan-embed-text-v1, \
         amazon.titan-embed-text-v2:0, cohere.embed-…"
    )]
    Model(String),
    /// An address that texts must not go to.
    #[error("{url} is not accepted: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// A sentence without a full stop.
        reason: &'static str,
    },
    /// A host that nobody has confirmed.
    #[error("texts would go to {host}; if that is meant, confirm the host by --remote-host {host}")]
    Unconfirmed {
        /// The host.
        host: String,
    },
}

impl Destination {
    /// From `sagemaker:ENDPOINT@REGION`, `bedrock:MODEL@REGION`, `tei:URL` or `openai:URL#MODEL`.
    /// `url` is for the first two; `confirmed` is a host that somebody typed as meant.
    ///
    /// # Errors
    /// [`DestinationError`].
    pub fn parse(
        typed: &str,
        profile: Option<&str>,
        url: Option<&str>,
        confirmed: Option<&str>,
    ) -> Result<Self, DestinationError> {
        let (kind, rest) = typed.split_once(':').ok_or(DestinationError::Form)?;
        let profile = profile.map(str::parse).transpose()?;
        let server = |url: &str| ServerUrl::new(url, confirmed);
        match kind {
            "sagemaker" | "bedrock" => {
                let (name, region) = rest.rsplit_once('@').ok_or(DestinationError::Form)?;
                let (region, url) = (region.parse()?, url.map(server).transpose()?);
                Ok(if kind == "sagemaker" {
                    Self::SageMaker {
                        endpoint: name.parse()?,
                        region,
                        profile,
                        url,
                        form: Form::Inputs,
                    }
                } else {
                    Self::Bedrock {
                        model: name.parse()?,
                        region,
                        profile,
                        url,
                    }
                })
            }
            "tei" if url.is_none() => Ok(Self::Tei(server(rest)?)),
            "openai" if url.is_none() => {
                let (address, model) = rest.split_once('#').ok_or(DestinationError::Form)?;
                Ok(Self::OpenAi {
                    url: server(address)?,
                    model: model.to_owned(),
                })
            }
            _ => Err(DestinationError::Form),
        }
    }

    /// The address that requests go to.
    pub fn address(&self) -> String {
        match self {
            Self::SageMaker {
                endpoint,
                region,
                url,
                ..
            } => {
                let base = base(url.as_ref(), "runtime.sagemaker", region);
                format!("{base}/endpoints/{endpoint}/invocations")
            }
            Self::Bedrock {
                model, region, url, ..
            } => {
                let base = base(url.as_ref(), "bedrock-runtime", region);
                // The colon of a version must be escaped, since the path is signed as it is sent.
                format!("{base}/model/{}/invoke", model.id.replace(':', "%3A"))
            }
            Self::Tei(url) => format!("{url}/embed"),
            Self::OpenAi { url, .. } => format!("{}/embeddings", url.with_v1()),
        }
    }

    /// The form of its requests.
    pub fn form(&self) -> Form {
        match self {
            Self::SageMaker { form, .. } => form.clone(),
            Self::Bedrock { model, .. } => model.form.clone(),
            Self::Tei(_) => Form::Inputs,
            Self::OpenAi { model, .. } => Form::OpenAi {
                model: model.clone(),
            },
        }
    }

    /// The service and region that a request is signed for, and the profile that signs; `None` where
    /// nothing is signed.
    pub fn signing(&self) -> Option<(&'static str, &Region, Option<&ProfileName>)> {
        match self {
            Self::SageMaker {
                region, profile, ..
            } => Some(("sagemaker", region, profile.as_ref())),
            Self::Bedrock {
                region, profile, ..
            } => Some(("bedrock", region, profile.as_ref())),
            Self::Tei(_) | Self::OpenAi { .. } => None,
        }
    }

    /// The address that stands in for Amazon's, or that of a server.
    pub fn url(&self) -> Option<&ServerUrl> {
        match self {
            Self::SageMaker { url, .. } | Self::Bedrock { url, .. } => url.as_ref(),
            Self::Tei(url) | Self::OpenAi { url, .. } => Some(url),
        }
    }

    /// Provider and model, as they stand in the tag of vectors.
    pub fn provider_and_model(&self) -> (&'static str, String) {
        match self {
            Self::SageMaker {
                endpoint, region, ..
            } => ("sagemaker", format!("{endpoint}@{region}")),
            Self::Bedrock { model, region, .. } => ("bedrock", format!("{}@{region}", model.id)),
            Self::Tei(url) => ("tei", url.to_string()),
            Self::OpenAi { url, model } => ("openai", format!("{url}#{model}")),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SageMaker {
                endpoint, region, ..
            } => write!(f, "SageMaker endpoint {endpoint} in {region}")?,
            Self::Bedrock { model, region, .. } => {
                write!(f, "{} on Bedrock in {region}", model.id)?;
            }
            Self::Tei(url) => return write!(f, "the server {url}"),
            Self::OpenAi { url, model } => return write!(f, "{model} on the server {url}"),
        }
        match self.url() {
            Some(url) => write!(f, ", reached at {url}"),
            None => Ok(()),
        }
    }
}

/// `https://SERVICE.REGION.amazonaws.com`, or the address that stands in for it.
pub fn base(url: Option<&ServerUrl>, service: &str, region: &Region) -> String {
    let suffix = if region.0.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    url.map_or_else(
        || format!("https://{service}.{region}.{suffix}"),
        ToString::to_string,
    )
}

macro_rules! checked_name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $is_valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = DestinationError;

            fn from_str(typed: &str) -> Result<Self, Self::Err> {
                let is_valid: fn(&str) -> bool = $is_valid;
                match is_valid(typed) {
                    true => Ok(Self(typed.to_owned())),
                    false => Err(DestinationError::Name(typed.to_owned(), $what)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_name!(
    /// The name of an endpoint: letters, digits and hyphens between them, 63 at most.
    EndpointName,
    "an endpoint",
    |name| {
        let is_word = |c: char| c.is_ascii_alphanumeric();
        name.len() <= 63
            && name.starts_with(is_word)
            && name.ends_with(is_word)
            && name.chars().all(|c| is_word(c) || c == '-')
    }
);

checked_name!(
    /// A region, such as `eu-central-1`.
    Region,
    "a region",
    |name| {
        let parts: Vec<&str> = name.split('-').collect();
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return false;
        };
        let middle = &parts[1..parts.len().max(2) - 1];
        let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        (3..=5).contains(&parts.len())
            && first.len() == 2
            && is_word(first)
            && middle.iter().all(|part| is_word(part) && part.len() < 16)
            && (1..=2).contains(&last.len())
            && last.bytes().all(|b| b.is_ascii_digit())
    }
);

checked_name!(
    /// A profile in the user's own configuration for Amazon's tools.
    ProfileName,
    "a profile",
    |name| !name.is_empty() && name.len() <= 128 && !name.chars().any(char::is_control)
);

/// A model on Bedrock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BedrockModel {
    id: String,
    form: Form,
}

impl FromStr for BedrockModel {
    type Err = DestinationError;

    /// `ID`, and for Titan 2 `ID/256`, `ID/512` or `ID/1024` too.
    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let unknown = || DestinationError::Model(typed.to_owned());
        let (id, dimension) = typed.split_once('/').unwrap_or((typed, "1024"));
        let is_valid = |c: char| c.is_ascii_alphanumeric() || ".:-".contains(c);
        if id.len() > 140 || !id.chars().all(is_valid) {
            return Err(unknown());
        }
        // A model may be asked for by way of a region's profile, as in eu.cohere.embed-….
        let form = if id.contains("amazon.titan-embed-text-v1") {
            Form::Titan1
        } else if id.contains("amazon.titan-embed-text-v2") {
            match dimension.parse() {
                Ok(dimension @ (256 | 512 | 1024)) => Form::Titan2 { dimension },
                _ => return Err(unknown()),
            }
        } else if id.contains("cohere.embed-") {
            Form::Cohere
        } else {
            return Err(unknown());
        };
        if typed.contains('/') && !matches!(form, Form::Titan2 { .. }) {
            return Err(unknown());
        }
        let id = id.to_owned();
        Ok(Self { id, form })
    }
}

/// The address of a server: https, or http on this computer; no user name, no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    /// Without a slash at its end.
    base: String,
    host: String,
}

impl ServerUrl {
    /// Checks an address. Hosts other than this computer and Amazon's must be `confirmed`.
    ///
    /// # Errors
    /// [`DestinationError::Url`] and [`DestinationError::Unconfirmed`].
    pub fn new(typed: &str, confirmed: Option<&str>) -> Result<Self, DestinationError> {
        let refused = |reason| DestinationError::Url {
            url: typed.to_owned(),
            reason,
        };
        let uri: Uri = typed.parse().map_err(|_| refused("it is no address"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refused("it is no address"));
        };
        if authority.as_str().contains('@') {
            return Err(refused("it holds a user name"));
        }
        if uri.query().is_some() || typed.contains('#') {
            return Err(refused("it holds more than a path"));
        }
        let host = authority
            .host()
            .trim_matches(['[', ']'])
            .to_ascii_lowercase();
        let ip: Option<IpAddr> = host.parse().ok();
        if ip.is_some_and(is_link_local) {
            return Err(refused(
                "link-local addresses are where computers keep secrets",
            ));
        }
        let is_loopback = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        match scheme {
            "https" => {}
            "http" if is_loopback => {}
            _ => return Err(refused("texts go to other computers by https alone")),
        }
        let url = Self {
            base: typed.trim_end_matches('/').to_owned(),
            host,
        };
        if is_loopback || url.is_amazon() || confirmed == Some(&url.host) {
            return Ok(url);
        }
        Err(DestinationError::Unconfirmed { host: url.host })
    }

    /// Whether it is one of Amazon's, which alone get the user's signature.
    pub fn is_amazon(&self) -> bool {
        [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
            .iter()
            .any(|suffix| self.host.ends_with(suffix))
            && self.base.starts_with("https:")
    }

    fn with_v1(&self) -> String {
        if self.base.ends_with("/v1") {
            self.base.clone()
        } else {
            format!("{}/v1", self.base)
        }
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// Addresses of the machine's own surroundings, where clouds hand out credentials.
pub fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_link_local() || ip.is_unspecified() || ip.octets() == [100, 100, 100, 200]
        }
        IpAddr::V6(ip) => {
            let first = ip.segments()[0];
            ip.is_unspecified()
                || first & 0xffc0 == 0xfe80
                || ip.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
                || ip
                    .to_ipv4_mapped()
                    .is_some_and(|ip| is_link_local(ip.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(typed: &str) -> Result<String, DestinationError> {
        Destination::parse(typed, None, None, None).map(|destination| destination.address())
    }

    #[test]
    fn names_become_addresses() {
        for (typed, expected) in [
            (
                "sagemaker:pbl-development-dev-embeddings@eu-central-1",
                "https://runtime.sagemaker.eu-central-1.amazonaws.com/endpoints/pbl-development-dev-embeddings/invocations",
            ),
            (
                "bedrock:amazon.titan-embed-text-v2:0/256@us-gov-west-1",
                "https://bedrock-runtime.us-gov-west-1.amazonaws.com/model/amazon.titan-embed-text-v2%3A0/invoke",
            ),
            (
                "sagemaker:a@cn-north-1",
                "https://runtime.sagemaker.cn-north-1.amazonaws.com.cn/endpoints/a/invocations",
            ),
            ("tei:http://localhost:8080/", "http://localhost:8080/embed"),
            (
                "openai:http://[::1]:1234/v1#m",
                "http://[::1]:1234/v1/embeddings",
            ),
            (
                "openai:http://127.0.0.1:1234#m",
                "http://127.0.0.1:1234/v1/embeddings",
            ),
        ] {
            assert_eq!(address(typed).as_deref(), Ok(expected), "{typed}");
        }
    }

    #[test]
    fn names_that_would_change_an_address_are_refused() {
        for typed in [
            "sagemaker:a/../b@eu-central-1",
            "sagemaker:a_b@eu-central-1",
            "sagemaker:-a@eu-central-1",
            "sagemaker:@eu-central-1",
            "sagemaker:a@eu-central-1.evil.example",
            "sagemaker:a@eu",
            "sagemaker:a@eu-central-1/",
            "sagemaker:a@EU-central-1",
            "sagemaker:a@",
            "bedrock:anthropic.claude@eu-central-1",
            "bedrock:amazon.titan-embed-text-v2:0/300@eu-central-1",
            "bedrock:amazon.titan-embed-text-v1/256@eu-central-1",
            "bedrock:cohere.embed-english-v3?x@eu-central-1",
            "openai:http://localhost",
            "ftp:x",
            "x",
        ] {
            assert!(address(typed).is_err(), "{typed}");
        }
        let long = format!("sagemaker:{}@eu-central-1", "a".repeat(64));
        assert!(address(&long).is_err());
    }

    #[test]
    fn only_this_computer_amazon_and_confirmed_hosts_are_accepted() {
        let check = |url: &str, confirmed: Option<&str>| ServerUrl::new(url, confirmed).is_ok();
        assert!(check(
            "https://vpce-1.runtime.sagemaker.eu-central-1.vpce.amazonaws.com",
            None
        ));
        assert!(check("https://tei.example.org", Some("tei.example.org")));
        for url in [
            "https://tei.example.org",
            "https://evilamazonaws.com",
            "https://amazonaws.com.evil.example",
            "http://10.0.0.1",
            "http://tei.example.org",
            "https://169.254.169.254",
            "https://[fe80::1]",
            "https://[::ffff:169.254.169.254]",
            "https://0.0.0.0",
            "https://user@localhost",
            "https://localhost@evil.example",
            "http://localhost.evil.example",
            "https://localhost/?x=1",
            "localhost:80",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!check(url, None), "{url}");
        }
        assert!(!check("http://tei.example.org", Some("tei.example.org")));
        assert!(!check("https://169.254.169.254", Some("169.254.169.254")));
        assert!(
            !ServerUrl::new("http://localhost", None)
                .unwrap()
                .is_amazon()
        );
    }
}

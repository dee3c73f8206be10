//! Who the user is to Amazon, and the signature under each request.
//!
//! Credentials come from where Amazon's own tools keep them: the environment, a profile with its SSO,
//! role or process, a web identity, a container. They are kept in memory until they expire, and never
//! stored, shown or logged. The metadata service of a virtual machine is not asked: on a desk that is
//! a slow call to an address of whoever owns the network.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::Region;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::destination::{self, ProfileName};
use crate::embed::gate::NetworkGate;

/// Credentials that expire within this time are fetched anew.
const MARGIN: Duration = Duration::from_mins(5);

/// There are no credentials, or they cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The chain found none.
    #[error(
        "no sign-in for Amazon was found; sign in as for the aws command line, or name a profile \
         with --aws-profile"
    )]
    Missing(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The request cannot be signed.
    #[error("the request could not be signed")]
    Sign(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Signs requests to one service in one region.
#[derive(Debug)]
pub struct Signer {
    service: &'static str,
    region: String,
    chain: CredentialsProviderChain,
    runtime: tokio::runtime::Runtime,
    credentials: Mutex<Option<Credentials>>,
}

impl Signer {
    /// With the user's own credentials: for Amazon's hosts alone.
    ///
    /// # Errors
    /// When the system gives no means to wait on the network.
    pub fn of_user(
        service: &'static str,
        region: &destination::Region,
        profile: Option<&ProfileName>,
        _gate: &NetworkGate,
    ) -> std::io::Result<Self> {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = ProviderConfig::without_region()
            .with_region(Some(Region::new(region.to_string())))
            .with_http_client(http);
        let mut from_profile = ProfileFileCredentialsProvider::builder().configure(&config);
        if let Some(profile) = profile {
            from_profile = from_profile.profile_name(profile.to_string());
        }
        let from_profile = from_profile.build();
        // A profile that was named is meant, whatever else lies about.
        let chain = if profile.is_some() {
            CredentialsProviderChain::first_try("Profile", from_profile)
        } else {
            let token = WebIdentityTokenCredentialsProvider::builder();
            let container = EcsCredentialsProvider::builder();
            let environment = EnvironmentVariableCredentialsProvider::new();
            CredentialsProviderChain::first_try("Environment", environment)
                .or_else("Profile", from_profile)
                .or_else("WebIdentityToken", token.configure(&config).build())
                .or_else("Container", container.configure(&config).build())
        };
        Self::new(service, region, chain)
    }

    /// With credentials that are nobody's, for servers that stand in for Amazon's: they want a
    /// signature, and must not get the user's.
    ///
    /// # Errors
    /// As [`Signer::of_user`].
    pub fn of_nobody(service: &'static str, region: &destination::Region) -> std::io::Result<Self> {
        let nobody = Credentials::new("NOBODY", "nobody", None, None, "nobody");
        Self::new(
            service,
            region,
            CredentialsProviderChain::first_try("Nobody", nobody),
        )
    }

    fn new(
        service: &'static str,
        region: &destination::Region,
        chain: CredentialsProviderChain,
    ) -> std::io::Result<Self> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        Ok(Self {
            service,
            region: region.to_string(),
            chain,
            runtime: runtime.enable_all().build()?,
            credentials: Mutex::default(),
        })
    }

    /// The headers that sign a request with these headers and this body.
    ///
    /// # Errors
    /// [`SignInError`].
    pub fn headers(
        &self,
        method: &str,
        url: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
        now: SystemTime,
    ) -> Result<Vec<(String, String)>, SignInError> {
        let wrong = |error: Box<dyn std::error::Error + Send + Sync>| SignInError::Sign(error);
        let identity = self.credentials(now)?.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(self.settings())
            .build()
            .map_err(|error| wrong(error.into()))?
            .into();
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let request = SignableRequest::new(method, url, headers, SignableBody::Bytes(body));
        let request = request.map_err(|error| wrong(error.into()))?;
        let signed = sign(request, &params).map_err(|error| wrong(error.into()))?;
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(signed.output().headers().map(owned).collect())
    }

    /// S3 signs paths as they are sent, and wants the hash of the body in a header.
    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }

    fn credentials(&self, now: SystemTime) -> Result<Credentials, SignInError> {
        let mut known = self
            .credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_good =
            |credentials: &Credentials| credentials.expiry().is_none_or(|end| end > now + MARGIN);
        if let Some(credentials) = known.as_ref().filter(|known| is_good(known)) {
            return Ok(credentials.clone());
        }
        let fetched = self.runtime.block_on(self.chain.provide_credentials());
        let fetched = fetched.map_err(|error| SignInError::Missing(error.into()))?;
        Ok(known.insert(fetched).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That the signature itself is right is checked by a server in the tests, which works it out by
    /// hand.
    #[test]
    fn a_signature_names_its_key_scope_and_headers() {
        let region = "eu-central-1".parse().unwrap();
        let signer = Signer::of_nobody("sagemaker", &region).unwrap();
        let headers = [("content-type", "application/json".to_owned())];
        let url = "http://127.0.0.1:1/endpoints/a/invocations";
        let signed = signer
            .headers("POST", url, &headers, b"{}", SystemTime::now())
            .unwrap();
        let (_, authorization) = signed
            .iter()
            .find(|(name, _)| name == "authorization")
            .unwrap();
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=NOBODY/"));
        assert!(authorization.contains("/eu-central-1/sagemaker/aws4_request"));
        assert!(authorization.contains("SignedHeaders=content-type;host;x-amz-date"));
        assert!(signed.iter().any(|(name, _)| name == "x-amz-date"));
    }
}

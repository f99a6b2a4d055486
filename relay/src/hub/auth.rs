//! Who may connect, and to which channels: the token of `hello` and `refresh`.
//!
//! Decides by the token alone and the time it is given. Nothing here repeats a token or a secret in words.

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::hs256;
use super::message::check_name;
use super::refusal::{Refusal, RefusalCode};

/// How the hub judges tokens.
pub enum Authenticator {
    /// Everybody may do everything, and a token is not looked at. For development only.
    Open,
    /// A JSON web token signed with a shared secret, HS256 and nothing else.
    Hs256(Box<Hs256>),
}

/// The shared secret and what its tokens must look like:
///
/// * `sub`, a string of 1 to 128 bytes without control characters: the user.
/// * `exp`, seconds since 1970. There is no leeway: clocks of servers agree, and a token is refreshed before its end.
/// * `channels`, an array of channel names; one that ends in `*` stands for every name that begins so. Without it the
///   token gives no channel.
/// * `aud` may not be there, as this server has no audience of its own. Every other claim is ignored.
pub struct Hs256 {
    key: DecodingKey,
    validation: Validation,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Hs256(_) => "Hs256",
        })
    }
}

/// What a token said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) user: Option<Arc<str>>,
    pub(crate) grant: Grant,
    /// When it ends, in ms since 1970.
    pub(crate) expires_ms: Option<u64>,
}

/// The channels a connection may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    All,
    Patterns(Vec<String>),
}

impl Grant {
    pub(crate) fn allows(&self, channel: &str) -> bool {
        match self {
            Self::All => true,
            Self::Patterns(patterns) => patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => channel.starts_with(prefix),
                None => pattern == channel,
            }),
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    #[serde(default)]
    channels: Vec<String>,
}

impl Authenticator {
    /// Tokens signed with HS256 and this secret. Use at least 32 random bytes.
    pub fn hs256(secret: &[u8]) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        // The library would ask the system's clock; the hub's time is an argument.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Self::Hs256(Box::new(Hs256 { key: DecodingKey::from_secret(secret), validation }))
    }

    pub(crate) fn identify(&self, now_ms: u64, token: Option<&str>) -> Result<Identity, Refusal> {
        let hs256 = match self {
            Self::Open => return Ok(Identity { user: None, grant: Grant::All, expires_ms: None }),
            Self::Hs256(hs256) => hs256,
        };
        let token = token.ok_or_else(|| Refusal::new(RefusalCode::AuthRequired, "a token is needed in hello"))?;
        let invalid = |message: &str| Refusal::new(RefusalCode::TokenInvalid, message);
        let claims = jsonwebtoken::decode::<Claims>(token, &hs256.key, &hs256.validation)
            .map_err(|_| {
                invalid(
                    "expected a JWT signed with HS256 and this server's key, with sub, exp and channels, without aud",
                )
            })?
            .claims;
        check_name("sub", &claims.sub).map_err(|message| invalid(&message))?;
        // A cast from a float saturates: a time before 1970 is long over, one without end never comes.
        let expires_ms = (claims.exp * 1_000.0) as u64;
        if expires_ms <= now_ms {
            return Err(Refusal::new(RefusalCode::TokenExpired, "the token's time is over"));
        }
        Ok(Identity {
            user: Some(claims.sub.into()),
            grant: Grant::Patterns(claims.channels),
            expires_ms: Some(expires_ms),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_name_or_a_beginning() {
        let grant = Grant::Patterns(vec!["lobby".into(), "room:*".into()]);
        assert!(grant.allows("lobby") && grant.allows("room:1") && grant.allows("room:"));
        assert!(!grant.allows("lobby2") && !grant.allows("room") && !grant.allows("x:room:1"));
        assert!(!Grant::Patterns(Vec::new()).allows("lobby"));
        assert!(Grant::Patterns(vec!["*".into()]).allows("anything"));
    }

    #[test]
    fn an_authenticator_does_not_show_its_secret() {
        assert_eq!(format!("{:?}", Authenticator::hs256(b"hush")), "Hs256");
    }
}

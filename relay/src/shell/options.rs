//! The command line, and what has to fit together in it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use clap::builder::FalseyValueParser;

use super::origin::OriginRule;
use crate::hub::{Authenticator, HubConfig};

/// HS256 needs a key at least as long as its hash (RFC 7518, section 3.2).
const SECRET_MIN: usize = 32;
const API_KEY_MIN: usize = 16;

/// The server of Tautline's own protocol: websockets on /ws, POST /api/publish, GET /health.
///
/// Tokens are JSON web tokens signed with HS256: `sub` is the user, `exp` its end, `channels` an array of names, where
/// one that ends in * stands for every name that begins so. No `channels`, no channel.
#[derive(Clone, Parser)]
#[command(name = "tautline-relay", version)]
pub struct Options {
    /// Address and port to listen on; port 0 takes a free one. The line "listening on http://…" on stdout names it
    #[arg(long, env = "TAUTLINE_LISTEN", default_value = "127.0.0.1:7700", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// The secret that tokens are signed with, at least 32 bytes. Better set by the environment: a command line can be
    /// read by everybody on the machine
    #[arg(long, env = "TAUTLINE_JWT_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub jwt_secret: Option<String>,

    /// Let everybody in without a token, to every channel. For development only
    #[arg(long, env = "TAUTLINE_OPEN", value_parser = FalseyValueParser::new())]
    pub open: bool,

    /// A web origin whose pages may connect, such as `https://app.example`. May be repeated; in the environment separated
    /// by commas. Pages of this server's own host always may, pages of this machine with --open, programs without an
    /// Origin header always
    #[arg(long, env = "TAUTLINE_ALLOW_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,

    /// The key of POST /api/publish, at least 16 bytes. Without it that address answers 404
    #[arg(long, env = "TAUTLINE_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<String>,

    /// Serve the files of this folder, and its index.html where there is no such file
    #[arg(long = "static", env = "TAUTLINE_STATIC", value_name = "DIR")]
    pub static_dir: Option<PathBuf>,

    /// Messages a channel keeps for those who come back
    #[arg(long, env = "TAUTLINE_HISTORY_SIZE", default_value_t = HubConfig::default().history_size, value_name = "COUNT")]
    pub history_size: usize,

    /// Milliseconds a channel keeps a message
    #[arg(long, env = "TAUTLINE_HISTORY_AGE", default_value_t = HubConfig::default().history_age_ms, value_name = "MS")]
    pub history_age: u64,

    /// Largest frame a client may send, in bytes; payloads may be 1,024 less
    #[arg(
        long,
        env = "TAUTLINE_FRAME_LIMIT",
        default_value_t = 65_536,
        value_parser = clap::value_parser!(u32).range(4_096..=16_777_216),
        value_name = "BYTES"
    )]
    pub frame_limit: u32,

    /// Frames a client may send in a second, all at once or spread
    #[arg(
        long,
        env = "TAUTLINE_RATE",
        default_value_t = HubConfig::default().rate,
        value_parser = clap::value_parser!(u64).range(1..=1_000_000),
        value_name = "COUNT"
    )]
    pub rate: u64,

    /// Milliseconds between a client's pings. Below the shortest idle limit of any proxy in between
    #[arg(
        long,
        env = "TAUTLINE_HEARTBEAT",
        default_value_t = HubConfig::default().heartbeat_ms,
        value_parser = clap::value_parser!(u64).range(100..),
        value_name = "MS"
    )]
    pub heartbeat: u64,

    /// Milliseconds a dropped member stays present, so that a reconnect makes no noise
    #[arg(
        long,
        env = "TAUTLINE_PRESENCE_GRACE",
        default_value_t = HubConfig::default().presence_grace_ms,
        value_name = "MS"
    )]
    pub presence_grace: u64,

    /// Milliseconds over which clients come back after a restart. More for more clients
    #[arg(long, env = "TAUTLINE_SHUTDOWN_JITTER", default_value_t = 2_000, value_name = "MS")]
    pub shutdown_jitter: u64,

    /// Let POST /demo/restart, /demo/drop and /demo/stall break connections on purpose. For the demo and tests only:
    /// refused without --open and a loopback address
    #[arg(long, env = "TAUTLINE_DEMO_FAULTS", value_parser = FalseyValueParser::new())]
    pub demo_faults: bool,
}

/// Why the options do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionsError {
    /// Neither a secret nor `--open`.
    NoAuthentication,
    /// Both a secret and `--open`.
    TwoAuthentications,
    /// A secret shorter than 32 bytes.
    ShortSecret,
    /// An API key shorter than 16 bytes.
    ShortApiKey,
    /// `--demo-faults` where strangers could reach it.
    FaultsExposed,
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAuthentication => {
                "who may connect? Set TAUTLINE_JWT_SECRET to the secret your tokens are signed with, or give --open to let \
                 everybody in (for development only)"
            }
            Self::TwoAuthentications => {
                "--open lets everybody in, and a token secret is set as well: give one of the two (unset \
                 TAUTLINE_JWT_SECRET or leave out --open)"
            }
            Self::ShortSecret => "the token secret is too short: use at least 32 random bytes",
            Self::ShortApiKey => "the API key is too short: use at least 16 random characters",
            Self::FaultsExposed => {
                "--demo-faults lets anybody break connections: it needs --open and a loopback address such as --listen \
                 127.0.0.1:7700"
            }
        })
    }
}

impl std::error::Error for OptionsError {}

impl Options {
    /// Whether everything fits together.
    ///
    /// # Errors
    ///
    /// The first thing that does not, with what to do about it.
    pub fn check(&self) -> Result<(), OptionsError> {
        match &self.jwt_secret {
            None if !self.open => return Err(OptionsError::NoAuthentication),
            Some(_) if self.open => return Err(OptionsError::TwoAuthentications),
            Some(secret) if secret.len() < SECRET_MIN => return Err(OptionsError::ShortSecret),
            Some(_) | None => {}
        }
        if self.api_key.as_ref().is_some_and(|key| key.len() < API_KEY_MIN) {
            return Err(OptionsError::ShortApiKey);
        }
        if self.demo_faults && !(self.open && self.listen.ip().is_loopback()) {
            return Err(OptionsError::FaultsExposed);
        }
        Ok(())
    }

    /// The hub's settings.
    pub(crate) fn hub_config(&self) -> HubConfig {
        HubConfig {
            history_size: self.history_size,
            history_age_ms: self.history_age,
            frame_limit: self.frame_limit as usize,
            rate: self.rate,
            heartbeat_ms: self.heartbeat,
            presence_grace_ms: self.presence_grace,
            ..HubConfig::default()
        }
    }

    /// How tokens are judged.
    pub(crate) fn authenticator(&self) -> Authenticator {
        match &self.jwt_secret {
            Some(secret) => Authenticator::hs256(secret.as_bytes()),
            None => Authenticator::Open,
        }
    }

    /// Which pages may connect.
    pub(crate) fn origin_rule(&self) -> OriginRule {
        OriginRule { named: self.allow_origin.clone(), loopback: self.open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str]) -> Result<(), OptionsError> {
        let mut all = vec!["tautline-relay"];
        all.extend_from_slice(arguments);
        Options::try_parse_from(all).expect("a command line").check()
    }

    #[test]
    fn nobody_is_let_in_by_accident() {
        let secret = "0123456789abcdef0123456789abcdef";
        assert_eq!(check(&[]), Err(OptionsError::NoAuthentication));
        assert_eq!(check(&["--open", "--jwt-secret", secret]), Err(OptionsError::TwoAuthentications));
        assert_eq!(check(&["--jwt-secret", "short"]), Err(OptionsError::ShortSecret));
        assert_eq!(check(&["--open", "--api-key", "short"]), Err(OptionsError::ShortApiKey));
        assert_eq!(check(&["--open"]), Ok(()));
        assert_eq!(check(&["--jwt-secret", secret]), Ok(()));
    }

    #[test]
    fn faults_are_for_this_machine_only() {
        let secret = "0123456789abcdef0123456789abcdef";
        assert_eq!(check(&["--open", "--demo-faults"]), Ok(()));
        assert_eq!(check(&["--jwt-secret", secret, "--demo-faults"]), Err(OptionsError::FaultsExposed));
        assert_eq!(check(&["--open", "--demo-faults", "--listen", "0.0.0.0:1"]), Err(OptionsError::FaultsExposed));
    }

    #[test]
    fn the_command_line_is_sound() {
        <Options as clap::CommandFactory>::command().debug_assert();
    }
}

//! The options, and what has to fit together in them. Where each comes from is `config.rs`'s matter.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::ArgAction::Set;
use clap::builder::{BoolishValueParser, RangedI64ValueParser};
use clap::{Parser, ValueEnum};

use super::origin::OriginRule;
use super::secret::Secret;
use super::tls::{TlsError, TlsFiles};
use crate::hub::{Authenticator, HubConfig};
use crate::redis::RedisOptions;

/// HS256 needs a key at least as long as its hash (RFC 7518, section 3.2).
const SECRET_MIN: usize = 32;
const API_KEY_MIN: usize = 16;

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line of text for each event.
    Text,
    /// One JSON object for each event.
    Json,
}

/// The server of Tautline's own protocol: websockets on /ws, POST /api/publish, GET /health, GET /metrics.
///
/// Tokens are JSON web tokens signed with HS256: `sub` is the user, `exp` its end, `channels` an array of names, where
/// one that ends in * stands for every name that begins so. No `channels`, no channel.
///
/// An option comes from its flag, else from the environment, else from the file of --config, else it has its default.
#[derive(Clone, Debug, Parser)]
#[command(name = "tautline-relay", version)]
pub struct Options {
    /// A TOML file of options, named as the long flags without their dashes: `history-size = 500`
    #[arg(long, env = "TAUTLINE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Check every option and file, print what the server would run with, secrets redacted, and end: 0 if all is well,
    /// 2 if not
    #[arg(long)]
    pub check_config: bool,

    /// Address and port to listen on; port 0 takes a free one. The line "listening on http://…" on stdout names it
    #[arg(long, env = "TAUTLINE_LISTEN", default_value = "127.0.0.1:7700", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// The secret that tokens are signed with, at least 32 bytes. Better set by the environment or the file: a command
    /// line can be read by everybody on the machine
    #[arg(long, env = "TAUTLINE_JWT_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub jwt_secret: Option<Secret>,

    /// Let everybody in without a token, to every channel. For development only
    #[arg(long, env = "TAUTLINE_OPEN", value_name = "BOOL", value_parser = BoolishValueParser::new(),
        num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = Set)]
    pub open: bool,

    /// A web origin whose pages may connect, such as `https://app.example`. May be repeated; in the environment separated
    /// by commas. Pages of this server's own host always may, pages of this machine with --open, programs without an
    /// Origin header always
    #[arg(long, env = "TAUTLINE_ALLOW_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,

    /// The key of POST /api/publish and GET /metrics, at least 16 bytes. Without it the first answers 404
    #[arg(long, env = "TAUTLINE_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<Secret>,

    /// Keep everything that relays share in this Redis, 6.2 or later, so that several relays serve as one:
    /// redis://user:password@host:6379/0, rediss:// for TLS, or redis+unix:///path. With a password better set by the environment or the file
    #[arg(long, env = "TAUTLINE_REDIS", hide_env_values = true, value_name = "URL")]
    pub redis: Option<Secret>,

    /// What all names in Redis begin with. Relays with the same prefix are one service
    #[arg(long, env = "TAUTLINE_REDIS_PREFIX", default_value = "tautline:", value_name = "TEXT")]
    pub redis_prefix: String,

    /// Serve the files of this folder, and its index.html where there is no such file
    #[arg(long = "static", env = "TAUTLINE_STATIC", value_name = "DIR")]
    pub static_dir: Option<PathBuf>,

    /// The certificate chain of this server, a PEM file. With --tls-key it serves https and wss; read again on SIGHUP
    #[arg(long, env = "TAUTLINE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert, a PEM file
    #[arg(long, env = "TAUTLINE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Serve GET /metrics here, without TLS and without asking for a key, and not on the main address
    #[arg(long, env = "TAUTLINE_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,

    /// How logs are written to stderr
    #[arg(long, env = "TAUTLINE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,

    /// Take a client's address from the last X-Forwarded-For entry. Give it behind a proxy that sets this header, else
    /// all clients count as one address; and only there, else a client can say what it likes
    #[arg(long, env = "TAUTLINE_TRUST_FORWARDED", value_name = "BOOL", value_parser = BoolishValueParser::new(),
        num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = Set)]
    pub trust_forwarded: bool,

    /// Websockets at once; about as many connections more may be in their handshake. One more is closed with 4429. Each
    /// takes a file descriptor and some 20 kB
    #[arg(long, env = "TAUTLINE_CONNECTIONS", default_value_t = 10_000, value_parser = at_least_one(), value_name = "COUNT")]
    pub connections: u32,

    /// Websockets at once from one address, or one IPv6 /64 network. Less keeps one machine from taking all, more lets
    /// a large office behind one address in
    #[arg(long, env = "TAUTLINE_CONNECTIONS_PER_ADDRESS", default_value_t = 1_000, value_parser = at_least_one(),
        value_name = "COUNT")]
    pub connections_per_address: u32,

    /// Milliseconds a client may take for TLS, for its request, and for its `hello`, each
    #[arg(long, env = "TAUTLINE_HANDSHAKE_TIMEOUT", default_value_t = HubConfig::default().handshake_timeout_ms,
        value_parser = clap::value_parser!(u64).range(100..=600_000), value_name = "MS")]
    pub handshake_timeout: u64,

    /// Largest frame a client may send, in bytes; payloads may be 1,024 less
    #[arg(long, env = "TAUTLINE_FRAME_LIMIT", default_value_t = 65_536,
        value_parser = clap::value_parser!(u32).range(4_096..=16_777_216), value_name = "BYTES")]
    pub frame_limit: u32,

    /// Frames a client may send in a second, all at once or spread. Five times as many for long, or twenty times at
    /// once, end its connection with 4429
    #[arg(long, env = "TAUTLINE_RATE", default_value_t = HubConfig::default().rate,
        value_parser = clap::value_parser!(u64).range(1..=1_000_000), value_name = "COUNT")]
    pub rate: u64,

    /// Channels one connection may subscribe to
    #[arg(long, env = "TAUTLINE_CHANNELS_PER_CONNECTION", default_value_t = 100, value_parser = at_least_one(),
        value_name = "COUNT")]
    pub channels_per_connection: u32,

    /// Channels at once, over all connections
    #[arg(long, env = "TAUTLINE_CHANNELS", default_value_t = 100_000, value_parser = at_least_one(), value_name = "COUNT")]
    pub channels: u32,

    /// Messages a channel keeps for those who come back
    #[arg(long, env = "TAUTLINE_HISTORY_SIZE", default_value_t = 1_000, value_name = "COUNT")]
    pub history_size: u32,

    /// Milliseconds a channel keeps a message
    #[arg(long, env = "TAUTLINE_HISTORY_AGE", default_value_t = HubConfig::default().history_age_ms, value_name = "MS")]
    pub history_age: u64,

    /// Bytes of messages a channel keeps
    #[arg(long, env = "TAUTLINE_HISTORY_BYTES", default_value_t = 4_194_304, value_name = "BYTES")]
    pub history_bytes: u64,

    /// Bytes of messages all channels together keep. Beyond it the largest history forgets its oldest messages first
    #[arg(long, env = "TAUTLINE_HISTORY_TOTAL", default_value_t = 1_073_741_824, value_name = "BYTES")]
    pub history_total: u64,

    /// Bytes of answers that all sessions together keep, so that a message sent again is answered as before. Beyond it the
    /// session with most of them forgets its oldest first
    #[arg(long, env = "TAUTLINE_ANSWERS_TOTAL", default_value_t = 268_435_456, value_name = "BYTES")]
    pub answers_total: u64,

    /// Bytes that may wait for slow readers, over all connections. Beyond it whoever is more than a megabyte behind is
    /// closed with 4429
    #[arg(long, env = "TAUTLINE_QUEUE_TOTAL", default_value_t = 268_435_456, value_name = "BYTES")]
    pub queue_total: u64,

    /// Members present in one channel. Their whole list goes to everybody who subscribes with presence
    #[arg(long, env = "TAUTLINE_PRESENCE_MEMBERS", default_value_t = 1_000, value_name = "COUNT")]
    pub presence_members: u32,

    /// Largest state of a member, in bytes
    #[arg(long, env = "TAUTLINE_PRESENCE_STATE_LIMIT", default_value_t = 4_096, value_name = "BYTES")]
    pub presence_state_limit: u32,

    /// Bytes of states that all members together hold. Beyond it no member comes and no state grows: refused as
    /// `unavailable`
    #[arg(long, env = "TAUTLINE_PRESENCE_TOTAL", default_value_t = 268_435_456, value_name = "BYTES")]
    pub presence_total: u64,

    /// Milliseconds a dropped member stays present, so that a reconnect makes no noise
    #[arg(long, env = "TAUTLINE_PRESENCE_GRACE", default_value_t = HubConfig::default().presence_grace_ms, value_name = "MS")]
    pub presence_grace: u64,

    /// Milliseconds between a client's pings. Below the shortest idle limit of any proxy in between
    #[arg(long, env = "TAUTLINE_HEARTBEAT", default_value_t = HubConfig::default().heartbeat_ms,
        value_parser = clap::value_parser!(u64).range(100..), value_name = "MS")]
    pub heartbeat: u64,

    /// Milliseconds over which clients come back after a restart. More for more clients
    #[arg(long, env = "TAUTLINE_SHUTDOWN_JITTER", default_value_t = 2_000, value_name = "MS")]
    pub shutdown_jitter: u64,

    /// Let POST /demo/restart, /demo/drop and /demo/stall break connections on purpose. For the demo and tests only:
    /// refused without --open and a loopback address
    #[arg(long, env = "TAUTLINE_DEMO_FAULTS", value_name = "BOOL", value_parser = BoolishValueParser::new(),
        num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = Set)]
    pub demo_faults: bool,
}

fn at_least_one() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..)
}

/// Why the options do not fit together.
#[derive(Debug)]
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
    /// The folder of `--static` is none.
    Static(PathBuf),
    /// One of `--tls-cert` and `--tls-key` without the other.
    HalfTls,
    /// The certificate or its key cannot be used.
    Tls(TlsError),
    /// The URL of `--redis` is none.
    Redis,
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
            Self::Static(folder) => {
                return write!(f, "--static {}: there is no such folder", folder.display());
            }
            Self::HalfTls => "--tls-cert and --tls-key go together: give both, or neither",
            Self::Tls(error) => return error.fmt(f),
            Self::Redis => {
                "--redis: expected redis://user:password@host:port/database, where all but the host can be left out, the \
                 same with rediss:// for TLS, or redis+unix:///path"
            }
        })
    }
}

impl std::error::Error for OptionsError {}

impl Options {
    /// Everything that does not fit together or cannot be read.
    pub fn problems(&self) -> Vec<OptionsError> {
        let mut problems = Vec::new();
        match &self.jwt_secret {
            None if !self.open => problems.push(OptionsError::NoAuthentication),
            Some(_) if self.open => problems.push(OptionsError::TwoAuthentications),
            Some(secret) if secret.reveal().len() < SECRET_MIN => problems.push(OptionsError::ShortSecret),
            Some(_) | None => {}
        }
        if self.api_key.as_ref().is_some_and(|key| key.reveal().len() < API_KEY_MIN) {
            problems.push(OptionsError::ShortApiKey);
        }
        if self.demo_faults && !(self.open && self.listen.ip().is_loopback()) {
            problems.push(OptionsError::FaultsExposed);
        }
        if let Some(folder) = self.static_dir.as_ref().filter(|folder| !folder.is_dir()) {
            problems.push(OptionsError::Static(folder.clone()));
        }
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            problems.push(OptionsError::HalfTls);
        }
        if let Some(Err(error)) = self.tls_files().map(|files| files.load()) {
            problems.push(OptionsError::Tls(error));
        }
        if let Some(Err(_)) = self.redis_options() {
            problems.push(OptionsError::Redis);
        }
        problems
    }

    /// Where Redis is, if there is to be one.
    pub(crate) fn redis_options(&self) -> Option<Result<RedisOptions, OptionsError>> {
        let url = self.redis.as_ref()?.reveal();
        // The library's own words could show the password.
        Some(RedisOptions::new(url, &self.redis_prefix).map_err(|_| OptionsError::Redis))
    }

    /// The hub's settings.
    pub(crate) fn hub_config(&self) -> HubConfig {
        HubConfig {
            handshake_timeout_ms: self.handshake_timeout,
            heartbeat_ms: self.heartbeat,
            presence_grace_ms: self.presence_grace,
            history_size: size(self.history_size),
            history_age_ms: self.history_age,
            history_bytes: size(self.history_bytes),
            history_total: size(self.history_total),
            presence_members: size(self.presence_members),
            presence_state_limit: size(self.presence_state_limit),
            presence_total: size(self.presence_total),
            answers_total: size(self.answers_total),
            frame_limit: size(self.frame_limit),
            rate: self.rate,
            channels_per_connection: size(self.channels_per_connection),
            channels: size(self.channels),
            ..HubConfig::default()
        }
    }

    /// How many websockets in all, and from one address.
    pub(crate) fn connection_limits(&self) -> (usize, usize) {
        (size(self.connections), size(self.connections_per_address))
    }

    /// How many bytes may wait in all queues together.
    pub(crate) fn queue_total_bytes(&self) -> usize {
        size(self.queue_total)
    }

    /// The certificate and its key, if there are both.
    pub(crate) fn tls_files(&self) -> Option<TlsFiles> {
        let (certificate, key) = self.tls_cert.clone().zip(self.tls_key.clone())?;
        Some(TlsFiles { certificate, key })
    }

    /// How tokens are judged.
    pub(crate) fn authenticator(&self) -> Authenticator {
        match &self.jwt_secret {
            Some(secret) => Authenticator::hs256(secret.reveal().as_bytes()),
            None => Authenticator::Open,
        }
    }

    /// Which pages may connect.
    pub(crate) fn origin_rule(&self) -> OriginRule {
        OriginRule { named: self.allow_origin.clone(), loopback: self.open }
    }
}

/// A number of things in memory: what is more than it can hold is no limit at all.
fn size(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(arguments: &[&str]) -> String {
        let options = Options::try_parse_from([&["tautline-relay"], arguments].concat()).expect("a command line");
        let problems: Vec<String> = options.problems().iter().map(|problem| format!("{problem:?}")).collect();
        problems.join(" ")
    }

    #[test]
    fn nobody_is_let_in_by_accident() {
        let secret = "0123456789abcdef0123456789abcdef";
        assert_eq!(problems(&[]), "NoAuthentication");
        assert_eq!(problems(&["--open=false"]), "NoAuthentication");
        assert_eq!(problems(&["--open", "--jwt-secret", secret]), "TwoAuthentications");
        assert_eq!(problems(&["--jwt-secret", "short", "--api-key", "short"]), "ShortSecret ShortApiKey");
        assert_eq!(problems(&["--open"]), "");
        assert_eq!(problems(&["--jwt-secret", secret]), "");
    }

    #[test]
    fn faults_are_for_this_machine_only() {
        let secret = "0123456789abcdef0123456789abcdef";
        assert_eq!(problems(&["--open", "--demo-faults"]), "");
        assert_eq!(problems(&["--jwt-secret", secret, "--demo-faults"]), "FaultsExposed");
        assert_eq!(problems(&["--open", "--demo-faults", "--listen", "0.0.0.0:1"]), "FaultsExposed");
    }

    #[test]
    fn a_certificate_needs_a_key_and_both_need_to_be_there() {
        assert_eq!(problems(&["--open", "--tls-cert", "/no/such/file"]), "HalfTls");
        assert!(
            problems(&["--open", "--tls-cert", "/no/such/file", "--tls-key", "/no"]).starts_with("Tls(Certificate")
        );
    }

    #[test]
    fn a_redis_has_a_url_that_is_not_repeated_in_words() {
        assert_eq!(problems(&["--open", "--redis", "redis://user:hush@host:1/2"]), "");
        assert_eq!(problems(&["--open", "--redis", "http://user:hush@host"]), "Redis");
        assert!(!OptionsError::Redis.to_string().contains("hush"));
    }

    #[test]
    fn the_defaults_are_the_hubs_own() {
        assert_eq!(Options::try_parse_from(["tautline-relay"]).unwrap().hub_config(), HubConfig::default());
    }

    #[test]
    fn the_command_line_is_sound() {
        <Options as clap::CommandFactory>::command().debug_assert();
    }
}

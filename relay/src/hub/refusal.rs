//! Why the server says no: the codes of section 5 of the protocol, and the close codes of section 6.

use std::fmt;

/// When to come back to a server that cannot keep it now.
const UNAVAILABLE_RETRY_MS: u64 = 1_000;

/// The `code` of a `refused` frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalCode {
    /// No token came, and the server wants one.
    AuthRequired,
    /// The token's signature, algorithm, form or key is wrong.
    TokenInvalid,
    /// The token's time is over.
    TokenExpired,
    /// The token does not give this channel.
    Forbidden,
    /// A frame of the wrong shape.
    BadFrame,
    /// A payload or a presence state over the limit.
    TooLarge,
    /// Too fast; come again later.
    RateLimited,
    /// More channels than one connection may have.
    ChannelLimit,
    /// Needs a subscription first.
    NotSubscribed,
    /// No such request.
    UnknownRequest,
    /// The server cannot keep it now; come again later.
    Unavailable,
}

impl RefusalCode {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::AuthRequired,
        Self::TokenInvalid,
        Self::TokenExpired,
        Self::Forbidden,
        Self::BadFrame,
        Self::TooLarge,
        Self::RateLimited,
        Self::ChannelLimit,
        Self::NotSubscribed,
        Self::UnknownRequest,
        Self::Unavailable,
    ];

    /// The code as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthRequired => "auth-required",
            Self::TokenInvalid => "token-invalid",
            Self::TokenExpired => "token-expired",
            Self::Forbidden => "forbidden",
            Self::BadFrame => "bad-frame",
            Self::TooLarge => "too-large",
            Self::RateLimited => "rate-limited",
            Self::ChannelLimit => "channel-limit",
            Self::NotSubscribed => "not-subscribed",
            Self::UnknownRequest => "unknown-request",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A refusal: the code, what to do about it in words, and the numbers that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which of the reasons.
    pub code: RefusalCode,
    /// For people: what was expected, what came, what to do. Never a token or a payload.
    pub message: String,
    /// The limit that was passed, in bytes, channels or members.
    pub limit: Option<u64>,
    /// The size that came, in bytes.
    pub size: Option<u64>,
    /// Come again after so many milliseconds. A refusal with `retry` settles nothing.
    pub retry: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), limit: None, size: None, retry: None }
    }

    pub(crate) fn retry(code: RefusalCode, message: impl Into<String>, retry: u64) -> Self {
        Self { retry: Some(retry), ..Self::new(code, message) }
    }

    pub(crate) fn bad_frame(message: impl Into<String>) -> Self {
        Self::new(RefusalCode::BadFrame, message)
    }

    pub(crate) fn forbidden(channel: &str) -> Self {
        Self::new(RefusalCode::Forbidden, format!("the token does not give the channel {channel}"))
    }

    pub(crate) fn not_subscribed(channel: &str) -> Self {
        Self::new(RefusalCode::NotSubscribed, format!("subscribe to {channel} first"))
    }

    pub(crate) fn no_room_for_channel() -> Self {
        let message = "the server has no room for another channel";
        Self::retry(RefusalCode::Unavailable, message, UNAVAILABLE_RETRY_MS)
    }

    pub(crate) fn unreachable_memory() -> Self {
        let message = "the server cannot reach its memory now";
        Self::retry(RefusalCode::Unavailable, message, UNAVAILABLE_RETRY_MS)
    }

    pub(crate) fn no_room_for_member(limit: usize) -> Self {
        let message = "the channel has no room for another member";
        Self { limit: Some(limit as u64), ..Self::new(RefusalCode::Unavailable, message) }
    }

    pub(crate) fn too_large(field: &str, limit: usize, size: usize) -> Self {
        Self {
            limit: Some(limit as u64),
            size: Some(size as u64),
            ..Self::new(RefusalCode::TooLarge, format!("{field}: larger than the limit"))
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Refusal {}

/// Why the hub closes a connection: the code and the reason of the close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

impl Closing {
    pub(crate) const TOO_LARGE: Self = Self { code: 1009, reason: "a frame was larger than limits.frame" };
    pub(crate) const RESTART: Self = Self { code: 1012, reason: "the server restarts" };
    pub(crate) const UNAVAILABLE: Self = Self { code: 1013, reason: "the server cannot take it now" };
    pub(crate) const HELLO_FIRST: Self = Self { code: 4400, reason: "expected hello as the first frame" };
    pub(crate) const SECOND_HELLO: Self = Self { code: 4400, reason: "hello came twice" };
    pub(crate) const BAD_FRAMES: Self = Self { code: 4400, reason: "too many bad frames in a minute" };
    pub(crate) const NOT_AUTHENTICATED: Self = Self { code: 4401, reason: "not, or no longer, authenticated" };
    pub(crate) const HELLO_LATE: Self = Self { code: 4408, reason: "no hello in time" };
    pub(crate) const SILENT: Self = Self { code: 4409, reason: "nothing came for too long" };
    /// 4409 sends the older connection away for good reason: its own client has opened another one because it
    /// thought this one dead. A copy of the session in a second tab is told the same.
    pub(crate) const REPLACED: Self = Self { code: 4409, reason: "replaced by a newer connection of this session" };
    pub(crate) const TOO_MANY_FRAMES: Self = Self { code: 4429, reason: "too many frames" };
}

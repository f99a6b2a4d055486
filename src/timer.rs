//! Why the core wants to be woken. A deadline always carries its reason.

/// The reason of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// When to give up waiting for the URL and token functions.
    GiveUpResolving,
    /// When to give up waiting for the socket to open.
    GiveUpOpening,
    /// When to give up waiting for the server's welcome.
    GiveUpHandshaking,
    /// When to try to connect again.
    Retry,
    /// When to forget a socket that was asked to close.
    GiveUpClosing,
    /// When to send a heartbeat.
    BeatHeart,
    /// When a missing sign of life means that the peer is dead.
    JudgeHeart,
    /// When to ask for a new token, before the old one expires.
    RefreshToken,
    /// When to look again whether messages may go out.
    Flush,
    /// When a missing acknowledgement means that the link is broken.
    GiveUpAck,
    /// When a queued message has outlived its time.
    ExpireMessage,
    /// When a request has waited long enough.
    GiveUpReply,
    /// When to ask for a subscription again.
    RetrySubscribe,
    /// When someone who fell silent no longer counts as typing.
    ExpireTyping,
}

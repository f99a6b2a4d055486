//! What can go wrong, sorted by whose fault it is, because blame decides what to do.
//!
//! Errors cross to JavaScript as a [`Code`]; its words live in TypeScript and in docs/errors.md. A test holds the three
//! lists equal.

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The caller's: the call was wrong. Thrown where it was made.
    Misuse,
    /// The server's: it broke the protocol.
    Peer,
    /// Nobody's: the server said no.
    Refused,
    /// The network's: the line was lost. Retried.
    Lost,
    /// A deadline passed.
    Late,
    /// A limit was reached, or the application took it back.
    Dropped,
    /// Ours.
    Internal,
}

macro_rules! codes {
    ($($variant:ident = $number:literal, $name:literal, $blame:ident;)*) => {
        /// One kind of error. The number crosses to JavaScript, the name is what applications compare with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`")] $variant = $number,)*
        }

        impl Code {
            /// Every code, in the order of its number, starting at 1.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The stable name that applications see.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Whose fault it is.
            #[must_use]
            pub const fn blame(self) -> Blame {
                match self { $(Code::$variant => Blame::$blame,)* }
            }
        }
    };
}

codes! {
    InvalidOption = 1, "misuse/invalid-option", Misuse;
    InvalidArgument = 2, "misuse/invalid-argument", Misuse;
    Unserialisable = 3, "misuse/unserialisable", Misuse;
    Destroyed = 4, "misuse/destroyed", Misuse;
    ChannelRequired = 5, "misuse/channel-required", Misuse;
    NotSubscribed = 6, "misuse/not-subscribed", Misuse;
    Unsupported = 7, "misuse/unsupported", Misuse;

    PeerBadFrame = 8, "peer/bad-frame", Peer;
    PeerUnknownType = 9, "peer/unknown-type", Peer;
    PeerUnexpected = 10, "peer/unexpected", Peer;
    PeerProtocol = 11, "peer/protocol", Peer;

    RefusedAuthRequired = 12, "refused/auth-required", Refused;
    RefusedTokenInvalid = 13, "refused/token-invalid", Refused;
    RefusedTokenExpired = 14, "refused/token-expired", Refused;
    RefusedForbidden = 15, "refused/forbidden", Refused;
    RefusedBadFrame = 16, "refused/bad-frame", Refused;
    RefusedTooLarge = 17, "refused/too-large", Refused;
    RefusedRateLimited = 18, "refused/rate-limited", Refused;
    RefusedChannelLimit = 19, "refused/channel-limit", Refused;
    RefusedNotSubscribed = 20, "refused/not-subscribed", Refused;
    RefusedUnknownRequest = 21, "refused/unknown-request", Refused;
    RefusedUnavailable = 22, "refused/unavailable", Refused;
    RefusedOther = 23, "refused/other", Refused;

    LostClosed = 24, "lost/closed", Lost;
    LostNetwork = 25, "lost/network", Lost;
    LostHeartbeat = 26, "lost/heartbeat", Lost;
    LostReconnectAsked = 27, "lost/reconnect-asked", Lost;
    LostServerBusy = 28, "lost/server-busy", Lost;
    LostPageHidden = 29, "lost/page-hidden", Lost;
    LostProvider = 30, "lost/provider", Lost;

    LateResolve = 31, "late/resolve", Late;
    LateOpen = 32, "late/open", Late;
    LateHandshake = 33, "late/handshake", Late;
    LateAck = 34, "late/ack", Late;
    LateReply = 35, "late/reply", Late;
    LateSubscribe = 36, "late/subscribe", Late;

    DroppedOverflow = 37, "dropped/overflow", Dropped;
    DroppedExpired = 38, "dropped/expired", Dropped;
    DroppedCancelled = 39, "dropped/cancelled", Dropped;
    DroppedTooLarge = 40, "dropped/too-large", Dropped;
    DroppedClosed = 41, "dropped/closed", Dropped;
    DroppedNotConnected = 42, "dropped/not-connected", Dropped;
    DroppedRateLimited = 43, "dropped/rate-limited", Dropped;

    InternalPanic = 44, "internal/panic", Internal;
    InternalLoad = 45, "internal/wasm-load", Internal;

    PeerNoChannel = 46, "peer/no-channel", Peer;
    RefusedInvalidShard = 47, "refused/invalid-shard", Refused;
    RefusedShardingRequired = 48, "refused/sharding-required", Refused;
    RefusedInvalidVersion = 49, "refused/invalid-version", Refused;
    RefusedInvalidIntents = 50, "refused/invalid-intents", Refused;
    RefusedDisallowedIntents = 51, "refused/disallowed-intents", Refused;
    NoProvider = 52, "misuse/no-provider", Misuse;
    PeerInvalidPayload = 53, "peer/invalid-payload", Peer;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dense_from_one_so_that_typescript_can_index_its_table() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert_eq!(*code as usize, index + 1, "{}", code.name());
        }
    }

    #[test]
    fn a_name_starts_with_its_blame() {
        for code in Code::ALL {
            let blame = format!("{:?}", code.blame()).to_lowercase();
            assert!(code.name().starts_with(&format!("{blame}/")), "{}", code.name());
        }
    }
}

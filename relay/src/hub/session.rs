//! A session: the publisher behind the connections, for as long as its outbox lives.
//!
//! Decides what it is called. Its own name is a secret and is not kept: only what is derived from it.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Names a session among relays: a digest of its name and its user, which says nothing about either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    pub(crate) fn new(session: &str, user: Option<&str>) -> Self {
        Self(digest("tautline/session", session, user))
    }

    /// A session of one publish: the server's own account, under this idempotency key.
    pub(crate) fn of_publish(key: &str) -> Self {
        Self(digest("tautline/publish", key, None))
    }
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

fn digest(domain: &str, session: &str, user: Option<&str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(domain);
    hash.update(b"\n");
    // A session's name has no line break, so the two can not be mistaken for another pair.
    hash.update(session);
    if let Some(user) = user {
        hash.update(b"\n");
        hash.update(user);
    }
    hash.finalize().into()
}

/// The stable public number of a session: 52 bits, never 0, the same after a restart and at every relay.
pub(crate) fn sender_of(session: &str, user: Option<&str>) -> u64 {
    let hash = digest("tautline/sender", session, user);
    let head = u64::from_be_bytes(hash[..8].try_into().expect("a digest has 32 bytes"));
    (head >> 12).max(1)
}

/// The stable public name of a session: 16 characters of base64url.
pub(crate) fn member_of(session: &str, user: Option<&str>) -> Arc<str> {
    URL_SAFE_NO_PAD.encode(&digest("tautline/member", session, user)[..12]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sender_and_member_are_stable_public_and_apart() {
        let names = |session: &str, user| (sender_of(session, user), member_of(session, user));
        let (sender, member) = names("aaaaaaaaaaaaaaaa", Some("ann"));
        assert_eq!((sender, member.clone()), names("aaaaaaaaaaaaaaaa", Some("ann")));
        assert!((1..1 << 52).contains(&sender));
        assert_eq!(member.len(), 16);
        for (name, user) in
            [("aaaaaaaaaaaaaaaa", None), ("aaaaaaaaaaaaaaaa", Some("")), ("aaaaaaaaaaaaaaab", Some("ann"))]
        {
            let other = names(name, user);
            assert_ne!(sender, other.0);
            assert_ne!(member, other.1);
        }
    }
}

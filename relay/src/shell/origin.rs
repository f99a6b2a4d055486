//! Which web pages may open a websocket. A browser names the page's origin and lets no page lie about it; a program
//! that is no browser names none, and is let through to the token.

use axum::http::{HeaderMap, header};

/// The rule for origins: the relay's own host, the ones that were named, and with `loopback` every page of this machine.
#[derive(Clone, Debug)]
pub(crate) struct OriginRule {
    pub(crate) named: Vec<String>,
    pub(crate) loopback: bool,
}

impl OriginRule {
    /// Whether a request with these headers may go on.
    pub(crate) fn allows(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        if self.named.iter().any(|named| named.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let Some(host) = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) else {
            return false;
        };
        let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        own.is_some_and(|own| own.eq_ignore_ascii_case(host)) || (self.loopback && is_loopback(host))
    }
}

/// Whether `host`, with or without a port, is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rule: &OriginRule, origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers.insert(header::HOST, host.parse().unwrap());
        rule.allows(&headers)
    }

    #[test]
    fn only_the_own_host_and_named_origins_pass() {
        let rule = OriginRule { named: vec!["https://app.example".into()], loopback: false };
        for (origin, expected) in [
            (None, true),
            (Some("https://relay.example:7700"), true),
            (Some("https://app.example"), true),
            (Some("http://app.example"), false),
            (Some("https://app.example.evil.example"), false),
            (Some("https://evil.example"), false),
            (Some("http://localhost:3000"), false),
            (Some("null"), false),
        ] {
            assert_eq!(allows(&rule, origin, "relay.example:7700"), expected, "{origin:?}");
        }
    }

    #[test]
    fn open_mode_lets_pages_of_this_machine_in_and_nobody_who_looks_like_it() {
        let rule = OriginRule { named: Vec::new(), loopback: true };
        for (origin, expected) in [
            ("http://localhost:3000", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:80", true),
            ("http://[::1]", true),
            ("http://localhost.evil.example", false),
            ("http://127.0.0.1.evil.example:80", false),
            ("http://evil.example", false),
        ] {
            assert_eq!(allows(&rule, Some(origin), "127.0.0.1:7700"), expected, "{origin}");
        }
    }
}

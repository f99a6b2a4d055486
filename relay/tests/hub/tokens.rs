//! Tokens: who gets in, to what, for how long.

use serde_json::json;

use crate::harness::{SECRET, START, World, token, token_of, types};

fn hello(token: Option<&str>) -> String {
    let mut hello = json!({"type":"hello","session":"aaaaaaaaaaaaaaaa"});
    if let Some(token) = token {
        hello["token"] = token.into();
    }
    hello.to_string()
}

fn enter(world: &mut World, client: u64, token: &str) -> serde_json::Value {
    world.connect(client);
    world.ask_one(client, &hello(Some(token)))
}

fn refused_hello(token: Option<&str>) -> String {
    let mut world = World::secured();
    world.connect(1);
    let refused = world.ask_one(1, &hello(token));
    assert_eq!(world.close_code(1), Some(4401));
    let text = refused.to_string();
    assert!(token.is_none_or(|token| token.len() < 8 || !text.contains(token)), "a token in an error");
    refused["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_good_token_names_the_user_and_its_time() {
    let mut world = World::secured();
    let welcome = enter(&mut world, 1, &token("ann", r#"["c"]"#, 60_000));
    assert_eq!(
        (&welcome["type"], &welcome["user"], &welcome["expires"]),
        (&json!("welcome"), &json!("ann"), &json!(60_000))
    );
    world.subscribe(1, "c");
    assert_eq!(world.publish(1, 1, "c")[1]["user"], "ann");
}

#[test]
fn no_token_and_every_kind_of_bad_token_are_told_apart() {
    let claims = format!(r#"{{"sub":"ann","channels":["*"],"exp":{}}}"#, START / 1_000 + 60);
    let hs256 = r#"{"alg":"HS256","typ":"JWT"}"#;
    assert_eq!(refused_hello(None), "auth-required");
    assert_eq!(refused_hello(Some(&token("ann", "[]", 0))), "token-expired");
    let unsigned = token_of(r#"{"alg":"none"}"#, &claims, SECRET);
    let unsigned_bare = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
    let good = token_of(hs256, &claims, SECRET);
    for bad in [
        "",
        "a",
        "a.b.c",
        &good[..good.len() - 2],
        &unsigned,
        &unsigned_bare,
        &token_of(hs256, &claims, b"another key of thirty-two bytes!"),
        &token_of(r#"{"alg":"RS256"}"#, &claims, SECRET),
        &token_of(r#"{"alg":"HS384"}"#, &claims, SECRET),
        &token_of(r#"{"alg":"EdDSA"}"#, &claims, SECRET),
        &token_of(hs256, r#"{"sub":"ann","channels":["*"]}"#, SECRET),
        &token_of(hs256, &claims.replace("\"ann\"", "7"), SECRET),
        &token_of(hs256, &claims.replace("\"ann\"", "\"\""), SECRET),
        &token_of(hs256, &claims.replace("\"sub\":\"ann\",", ""), SECRET),
        &token_of(hs256, &claims.replace("[\"*\"]", "\"*\""), SECRET),
        &token_of(hs256, &claims.replace('}', ",\"aud\":\"other\"}"), SECRET),
        &token_of(hs256, "[]", SECRET),
    ] {
        assert_eq!(refused_hello(Some(bad)), "token-invalid", "{bad}");
    }
    let mut world = World::secured();
    assert_eq!(enter(&mut world, 1, &good)["type"], "welcome");
}

#[test]
fn another_channel_is_forbidden_in_every_way() {
    let mut world = World::secured();
    enter(&mut world, 1, &token("ann", r#"["mine","room:*"]"#, 60_000));
    for (text, subject, value) in [
        (r#"{"type":"subscribe","channel":"other"}"#, "channel", json!("other")),
        (r#"{"type":"publish","id":1,"channel":"other","event":"e","payload":1}"#, "id", json!(1)),
        (r#"{"type":"signal","channel":"other","event":"e"}"#, "channel", json!("other")),
        (r#"{"type":"track","channel":"other","state":1}"#, "channel", json!("other")),
        (r#"{"type":"request","id":2,"event":"history","channel":"other"}"#, "request", json!(2)),
        (r#"{"type":"request","id":3,"event":"presence","channel":"other"}"#, "request", json!(3)),
    ] {
        let refused = world.ask_one(1, text);
        assert_eq!((&refused["code"], &refused[subject]), (&json!("forbidden"), &value), "{text}");
    }
    assert_eq!(types(&world.subscribe(1, "mine")), ["subscribed"]);
    assert_eq!(types(&world.subscribe(1, "room:7")), ["subscribed"]);
    assert_eq!(world.hub.stats().channels, 2);
}

#[test]
fn a_token_without_channels_gives_none() {
    let mut world = World::secured();
    let claims = format!(r#"{{"sub":"ann","exp":{}}}"#, START / 1_000 + 60);
    assert_eq!(enter(&mut world, 1, &token_of(r#"{"alg":"HS256"}"#, &claims, SECRET))["type"], "welcome");
    assert_eq!(world.subscribe(1, "c")[0]["code"], "forbidden");
}

#[test]
fn a_token_that_ends_ends_its_connection() {
    let mut world = World::secured();
    enter(&mut world, 1, &token("ann", r#"["*"]"#, 20_000));
    world.pass(19_999);
    assert_eq!(world.close_code(1), None);
    world.pass(1);
    assert_eq!(world.take(1)[0]["code"], "token-expired");
    assert_eq!(world.close_code(1), Some(4401));
}

#[test]
fn a_refreshed_token_carries_on() {
    let mut world = World::secured();
    enter(&mut world, 1, &token("ann", r#"["*"]"#, 20_000));
    world.pass(10_000);
    let refresh = json!({"type":"refresh","token": token("ann", r#"["*"]"#, 60_000)}).to_string();
    assert_eq!(world.ask_one(1, &refresh), json!({"type":"refreshed","expires":50_000}));
    world.pass(37_000);
    assert_eq!(world.close_code(1), None);
    world.say(1, r#"{"type":"ping"}"#);
    world.pass(13_000);
    assert_eq!(world.close_code(1), Some(4401));
}

#[test]
fn a_token_that_ends_sooner_than_the_last_one_counts() {
    let mut world = World::secured();
    enter(&mut world, 1, &token("ann", r#"["*"]"#, 60_000));
    world.say(1, &json!({"type":"refresh","token": token("ann", r#"["*"]"#, 5_000)}).to_string());
    world.pass(5_000);
    assert_eq!(world.close_code(1), Some(4401));
}

#[test]
fn a_refresh_by_another_user_or_with_a_bad_token_ends_the_connection() {
    for (token, code) in [
        (token("bob", r#"["*"]"#, 60_000), "token-invalid"),
        ("x".into(), "token-invalid"),
        (token("ann", r#"["*"]"#, 0), "token-expired"),
    ] {
        let mut world = World::secured();
        enter(&mut world, 1, &self::token("ann", r#"["*"]"#, 60_000));
        let refused = world.ask_one(1, &json!({"type":"refresh","token": token}).to_string());
        assert_eq!(refused["code"], code);
        assert_eq!(world.close_code(1), Some(4401));
    }
}

#[test]
fn a_refresh_that_gives_less_takes_the_subscription_away() {
    let mut world = World::secured();
    enter(&mut world, 1, &token("ann", r#"["a","b"]"#, 60_000));
    world.subscribe(1, "a");
    world.subscribe(1, "b");
    let answers = world.ask(1, &json!({"type":"refresh","token": token("ann", r#"["b"]"#, 60_000)}).to_string());
    assert_eq!(types(&answers), ["refreshed", "refused"]);
    assert_eq!((&answers[1]["code"], &answers[1]["channel"]), (&json!("forbidden"), &json!("a")));
    let payload: Box<serde_json::value::RawValue> = serde_json::from_str("1").unwrap();
    world.announce("a", "e", &payload).unwrap();
    world.announce("b", "e", &payload).unwrap();
    world.drain();
    assert_eq!(world.take(1).len(), 1);
}

#[test]
fn a_session_belongs_to_its_user() {
    let mut world = World::secured();
    let ann = enter(&mut world, 1, &token("ann", r#"["*"]"#, 60_000));
    let bob = enter(&mut world, 2, &token("bob", r#"["*"]"#, 60_000));
    assert_ne!(ann["member"], bob["member"]);
    assert_eq!(bob["resumed"], false);
    assert_eq!(world.close_code(1), None);
}

#[test]
fn open_mode_asks_for_nothing_and_looks_at_nothing() {
    let mut world = World::open();
    world.connect(1);
    let welcome = world.ask_one(1, &hello(Some("nonsense")));
    assert!(welcome.get("user").is_none() && welcome.get("expires").is_none());
    assert_eq!(world.ask_one(1, r#"{"type":"refresh","token":"x"}"#), json!({"type":"refreshed"}));
}

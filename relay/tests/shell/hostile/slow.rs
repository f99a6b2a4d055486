//! Too little of what is awaited: handshakes, requests and frames that never end.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::json;

use super::{KB, Pair, Siege, bound, scale};
use crate::harness::{End, Folder, Relay};
use crate::raw::{BINARY, Raw, TEXT, UPGRADE, frame};
use crate::tls;

/// Writes bytes one by one until they are over or the relay has had enough.
async fn drip(raw: &mut Raw, bytes: &[u8]) {
    for byte in bytes {
        if raw.send(&[*byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_byte_by_byte_end_at_their_time_and_leave_room_for_others() {
    let relay = Relay::start(&["--open", "--handshake-timeout", "500", "--connections-per-address", "150"]);
    let siege = Siege::of(&relay).await;
    let endless = format!("{}{}", UPGRADE.trim_end(), "\r\nx: y".repeat(1_000));
    siege
        .withstands(bound(200 * scale(), 64 * KB), async || {
            let attackers = join_all((0..200 * scale()).map(async |attacker| {
                let Some(mut raw) = Raw::connect_from(&relay, 2).await else { return };
                // Some say nothing at all.
                if attacker % 4 > 0 {
                    drip(&mut raw, endless.as_bytes()).await;
                }
                assert_eq!(raw.end().await, End::Dropped);
            }));
            let newcomer = async {
                assert!(Raw::join_from(&relay, 3, "newcomer").await.is_some(), "there is room for others");
            };
            tokio::join!(attackers, newcomer);
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.limit("handshake_time") >= 100.0 && metrics.limit("handshakes") > 0.0, "{metrics:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_half_open_connections_cost_little_and_end() {
    let relay = Relay::start(&["--open", "--handshake-timeout", "3000"]);
    let siege = Siege::of(&relay).await;
    // Each is a file in both processes.
    let count = rlimit::increase_nofile_limit(u64::MAX).map_or(500, |limit| (limit / 2).min(1_500 * scale() as u64));
    let count = usize::try_from(count).expect("a number");
    siege
        .withstands(bound(count, 64 * KB), async || {
            let connecting = futures_util::stream::iter(0..count).map(async |attacker| {
                // A thousand may come from one address, and as many again may be in their handshake.
                let host = 2 + u8::try_from(attacker / 900 % 200).expect("a byte");
                if attacker % 2 == 0 {
                    Raw::connect_from(&relay, host).await
                } else {
                    Raw::upgrade_from(&relay, host).await
                }
            });
            let open: Vec<_> = connecting.buffer_unordered(200).collect().await;
            assert!(Raw::join_from(&relay, 250, "newcomer").await.is_some(), "there is room for others");
            join_all(open.into_iter().flatten().map(async |mut raw| {
                assert!(matches!(raw.end().await, End::Dropped | End::Closed(4408)));
            }))
            .await;
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.closed(4408) > 0.0 && metrics.limit("handshake_time") >= metrics.closed(4408), "{metrics:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_handshakes_that_never_end_harm_no_other_tls() {
    let folder = Folder::new("tls-loris");
    let issued = tls::issue(&folder);
    let more = ["--handshake-timeout", "500", "--metrics-listen", "127.0.0.1:0"];
    let relay = tls::start(&issued, &more);
    let (ann, bob) = (tls::join(&relay, &issued, "ann").await, tls::join(&relay, &issued, "bob").await);
    let siege = Siege { relay: &relay, pair: Pair::of(ann, bob).await };
    // The head of a handshake record, and of the hello in it.
    let endless = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[7; 500]].concat();
    siege
        .withstands(bound(200 * scale(), 64 * KB), async || {
            join_all((0..200 * scale()).map(async |attacker| {
                let Some(mut raw) = Raw::connect_from(&relay, 2).await else { return };
                if attacker % 4 > 0 {
                    drip(&mut raw, &endless).await;
                }
                assert_eq!(raw.end().await, End::Dropped);
            }))
            .await;
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_byte_by_byte_are_no_sign_of_life() {
    let relay = Relay::start(&["--open", "--heartbeat", "100"]);
    let siege = Siege::of(&relay).await;
    let publish = json!({"type":"publish","id":1,"channel":"c","event":"e","payload":"x".repeat(60_000)}).to_string();
    siege
        .withstands(bound(50 * scale(), 192 * KB), async || {
            join_all((0..50 * scale()).map(async |attacker| {
                let session = format!("drip-{attacker}");
                let Some(raw) = Raw::join_from(&relay, 2, &session).await else { return };
                let bytes = frame(if attacker % 2 == 0 { TEXT } else { BINARY }, publish.as_bytes());
                let (reader, writer) = raw.stream.into_split();
                let mut reader = Raw { stream: tokio::io::join(reader, tokio::io::sink()) };
                let mut writer = Raw { stream: tokio::io::join(tokio::io::empty(), writer) };
                let dripping = async {
                    for byte in &bytes {
                        if writer.send(&[*byte]).await.is_err() {
                            return;
                        }
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                };
                // Dead for all that comes of it, though bytes keep coming.
                tokio::select! {
                    end = reader.end() => assert_eq!(end, End::Closed(4409)),
                    () = dripping => {}
                }
            }))
            .await;
        })
        .await;
    assert!(relay.metrics().await.closed(4409) >= 50.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_endless_fragments_end_at_the_size_of_a_frame() {
    let relay = Relay::start(&["--open"]);
    let siege = Siege::of(&relay).await;
    siege
        .withstands(bound(30 * scale(), 256 * KB), async || {
            join_all((0..30 * scale()).map(async |attacker| {
                let Some(mut raw) = Raw::join_from(&relay, 2, &format!("parts-{attacker}")).await else { return };
                let part = vec![b'x'; if attacker % 3 == 0 { 1 } else { 4_000 }];
                let first = if attacker % 2 == 0 { 0x01 } else { 0x02 };
                let _ = raw.send(&frame(first, &part)).await;
                let more = [frame(0x00, &part).repeat(100), frame(crate::raw::PING, b"still here")].concat();
                for _ in 0..20 {
                    if raw.send(&more).await.is_err() {
                        break;
                    }
                }
                if part.len() > 1 {
                    assert!(matches!(raw.end().await, End::Closed(1009) | End::Dropped));
                }
            }))
            .await;
        })
        .await;
    assert!(relay.metrics().await.limit("frame_size") >= 20.0);
}

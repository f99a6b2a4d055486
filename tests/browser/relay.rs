//! What needs a relay at the other end.

use crate::support::{ACKED, Client, MESSAGE, RELAY, STATE, WELCOME, same_bytes};
use js_sys::Uint8Array;
use tautline::Code;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

const CONNECTED: f64 = 2.0;
const CLOSED: f64 = 4.0;

macro_rules! against_a_relay {
    ($($(#[$meta:meta])* async fn $name:ident($client:ident: Client) $body:block)*) => {
        $(
            $(#[$meta])*
            #[wasm_bindgen_test]
            async fn $name() {
                let Some(relay) = RELAY else {
                    console_log!("not run: TAUTLINE_TEST_RELAY was not set when this was compiled");
                    return;
                };
                let $client = Client::new(Some(relay));
                $body
            }
        )*
    };
}

against_a_relay! {
    async fn it_connects_and_is_welcomed(client: Client) {
        client.core.connect();
        let welcome = client.until(WELCOME).await;
        assert!(welcome.get("value").is_object());
        client.until_first(STATE, CONNECTED).await;
    }

    async fn it_hears_its_own_message_and_the_acknowledgement_of_it(client: Client) {
        let channel = client.join().await;
        let id = client.core.publish(channel, "\"message\"".into(), r#"{"text":"Grüße"}"#.into(), 16.0, 0.0, false);
        let acked = client.until_first(ACKED, id).await;
        assert_eq!(acked.number("b"), 1.0);
        let message = client.until(MESSAGE).await;
        assert_eq!((message.number("a"), message.number("b")), (f64::from(channel), 1.0));
        assert_eq!(message.get("event"), JsValue::from("message"));
        let text = js_sys::JSON::stringify(&message.get("value")).expect("JSON");
        assert_eq!(text, r#"{"text":"Grüße"}"#);
        assert_eq!(client.queue_size(), 0);
    }

    async fn bytes_come_back_as_the_bytes_that_they_were(client: Client) {
        let channel = client.join().await;
        let bytes = Uint8Array::from(&(0..=255).collect::<Vec<u8>>()[..]);
        let id = client.core.publish(channel, "\"bytes\"".into(), bytes.clone().into(), 256.0, 0.0, false);
        client.until_first(ACKED, id).await;
        let message = client.until(MESSAGE).await;
        assert!(same_bytes(&message.get("value"), &bytes));
        assert_eq!(message.number("c"), 4.0, "the flag of a binary payload");
    }

    async fn what_was_queued_before_the_connection_goes_out_with_it(client: Client) {
        let channel = client.core.channel(&"browser:queued".into());
        let ids: Vec<f64> = (0..3)
            .map(|number| client.core.publish(channel, "\"n\"".into(), number.to_string().into(), 1.0, 0.0, false))
            .collect();
        client.core.connect();
        for id in ids {
            client.until_first(ACKED, id).await;
        }
    }

    async fn close_ends_politely_and_connect_begins_again(client: Client) {
        client.core.connect();
        client.until_first(STATE, CONNECTED).await;
        client.core.close();
        client.until_first(STATE, CLOSED).await;
        client.core.connect();
        while client.record.count(WELCOME) < 2 {
            crate::support::turn().await;
        }
    }

    async fn a_signal_without_a_subscription_is_refused_at_once(client: Client) {
        client.core.connect();
        client.until_first(STATE, CONNECTED).await;
        let channel = client.core.channel(&"browser:signal".into());
        let refused = client.core.signal(channel, "\"wave\"".into(), JsValue::UNDEFINED, 0.0, 0.0);
        assert_eq!(refused, -f64::from(Code::NotSubscribed as u8));
    }
}

//! The protocol of a hand-written server, made from the description that TypeScript checked.

use super::client::Core;
use super::host::{CoreHost, JsHost, describe, member};
use super::options::CoreOptions;
use crate::protocol::Protocol;
use crate::protocol::json::{Json, JsonConfig};
use wasm_bindgen::prelude::*;

/// The adapter, and the host that reads its frames.
pub(super) fn open(options: &CoreOptions, host: &CoreHost) -> (Box<dyn Protocol<JsHost>>, JsHost) {
    let mut owner = JsHost::new(&js_sys::Array::new(), host);
    (protocol(options, &mut owner), owner)
}

#[wasm_bindgen]
impl Core {
    /// Speaks to the server of this description from now on.
    pub fn speak(&self, options: &CoreOptions) {
        // What came from the old server is delivered while its frames can still be read.
        self.0.settle();
        self.0.with(|client, now| client.speak(now, |owner| protocol(options, owner)));
    }
}

/// The adapter for the server of this description, whose frames the host reads from now on.
fn protocol(options: &CoreOptions, owner: &mut JsHost) -> Box<dyn Protocol<JsHost>> {
    let description = member(options, "protocol");
    let protocol = Box::new(Json::new(JsonConfig::read(owner, &description)));
    let shape = describe(&Protocol::<JsHost>::shape(&*protocol));
    owner.describe(&shape, &member(&description, "fields"));
    protocol
}

//! The protocol of a hand-written server, made from the description that TypeScript checked.

use super::host::{CoreHost, JsHost, describe, member};
use super::options::{self, CoreOptions};
use crate::config::Config;
use crate::protocol::Protocol;
use crate::protocol::json::{Json, JsonConfig};

/// The options, with what only this entry has.
pub(super) fn config(options: &CoreOptions, has_token: bool) -> Config {
    let mut config = options::config(options, has_token);
    config.backoff.max_attempts = options::most_attempts(options);
    config
}

/// The adapter, and the host that reads its frames.
pub(super) fn open(options: &CoreOptions, host: &CoreHost) -> (Box<dyn Protocol<JsHost>>, JsHost) {
    let description = member(options, "protocol");
    let owner = JsHost::new(&js_sys::Object::new(), host);
    let protocol = Box::new(Json::new(JsonConfig::read(&owner, &description)));
    let shape = describe(&Protocol::<JsHost>::shape(&*protocol));
    owner.frames.describe(&shape, &member(&description, "fields"));
    (protocol, owner)
}

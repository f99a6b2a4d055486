//! The hub against the protocol, in virtual time.

mod delivery;
mod harness;
mod hostile;
mod life;
mod limits;
mod outside;
mod presence;
mod recovery;
mod requests;
mod tokens;

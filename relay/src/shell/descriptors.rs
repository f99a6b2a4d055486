//! File descriptors: each connection takes one, and the usual soft limit of a process is far below what a server needs.

/// What a process has open beside its connections: files, listeners, what the runtime needs.
const RESERVE: u64 = 64;

/// Raises the soft limit as far as the system lets it. Says so when that is less than `connections` take.
pub(crate) fn raise(connections: usize) {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(RESERVE);
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < needed => tracing::warn!(
            "{limit} files may be open at once, {needed} are needed for --connections: raise the limit (ulimit -Hn, \
             LimitNOFILE) or lower --connections"
        ),
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(error.type = "rlimit", exception.message = %error, "the limit of open files stays as it is");
        }
    }
}

//! Time and ids: the only places where they come from.

use uuid::Uuid;

use crate::time::Instant;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;
}

/// New ids.
pub trait IdSource: Send + Sync {
    /// A UUIDv7 that was never given before.
    fn uuid(&self) -> Uuid;
    /// So many unpredictable bytes, for keys and tokens.
    fn secret_bytes(&self) -> [u8; 32];
}

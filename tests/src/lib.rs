//! Empty: everything stands in the one test binary `it`.

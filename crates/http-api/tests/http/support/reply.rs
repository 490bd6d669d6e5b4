//! An answer, read to its end.

use axum::body::to_bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Null where the body is no JSON.
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body in memory");
        let text = String::from_utf8_lossy(&body).into_owned();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            json: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Checks that it is a complete problem document with this status and code.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        let (json, text) = (&self.json, &self.text);
        assert_eq!(
            (self.status, json["code"].as_str()),
            (status, Some(code)),
            "{text}"
        );
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{text}"
        );
        assert_eq!(json["status"], status, "{text}");
        assert_eq!(json["type"], format!("/problems/{code}"), "{text}");
        assert!(
            json["title"].is_string() && json["detail"].is_string(),
            "{text}"
        );
        assert_eq!(
            json["request_id"].as_str(),
            self.header("x-request-id"),
            "{text}"
        );
    }

    /// The fields that a `validation_failed` names.
    pub(crate) fn wrong_fields(&self) -> Vec<&str> {
        let errors = self.json["errors"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        errors
            .iter()
            .filter_map(|it| it["field"].as_str())
            .collect()
    }
}

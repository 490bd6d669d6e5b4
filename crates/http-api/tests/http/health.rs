//! For whoever runs it.

use axum::body::Body;
use axum::extract::Request;
use serde_json::json;

use crate::support::{Broken, Gateway, Reply};

async fn ask(gateway: &Gateway, path: &str) -> Reply {
    gateway
        .send(Request::get(path).body(Body::empty()).expect("a request"))
        .await
}

#[tokio::test]
async fn a_healthy_gateway_says_so_to_everybody() {
    let gateway = Gateway::new().await;
    let live = ask(&gateway, "/livez").await;
    assert_eq!((live.status, &live.json["status"]), (200, &json!("ok")));
    let ready = ask(&gateway, "/readyz").await;
    assert_eq!(
        (ready.status, &ready.json["status"]),
        (200, &json!("ready"))
    );
    let health = ask(&gateway, "/health").await;
    assert_eq!(health.status, 200);
    assert_eq!(health.json["status"], "ok");
    assert_eq!(health.json["version"], env!("CARGO_PKG_VERSION"));
    assert!(health.json["zone_data_version"].is_string());
    let components = json!({"store": {"status": "up"},
        "shared_cache": {"status": "not_configured"}, "calendar": {"status": "configured"}});
    assert_eq!(health.json["components"], components);
    let metrics = ask(&gateway, "/metrics").await;
    assert_eq!(
        (metrics.status, metrics.text.as_str()),
        (200, "# made up\nbooking_up 1\n")
    );
    assert!(
        metrics
            .header("content-type")
            .is_some_and(|it| it.starts_with("text/plain"))
    );
}

#[tokio::test]
async fn a_gateway_on_its_way_out_is_alive_and_not_ready() {
    let gateway = Gateway::new().await;
    gateway.readiness.set_draining();
    let ready = ask(&gateway, "/readyz").await;
    ready.assert_problem(503, "not_ready");
    assert_eq!(ready.json["missing"], json!(["draining"]));
    assert_eq!(ask(&gateway, "/livez").await.status, 200);
    assert_eq!(ask(&gateway, "/health").await.status, 200);
}

#[tokio::test]
async fn without_its_store_a_gateway_is_alive_and_not_ready() {
    let gateway = Gateway::broken(Broken::Versions).await;
    let ready = ask(&gateway, "/readyz").await;
    ready.assert_problem(503, "not_ready");
    assert_eq!(ready.json["missing"], json!(["store"]));
    assert_eq!(ask(&gateway, "/livez").await.status, 200);
    let health = ask(&gateway, "/health").await;
    assert_eq!(
        (health.status, &health.json["status"]),
        (200, &json!("degraded"))
    );
    assert_eq!(health.json["components"]["store"]["status"], "down");
}

//! Checkpoint and tiles as C2SP tlog-tiles serves them: `/log/checkpoint`, `/log/tile/<L>/<N>[.p/<W>]`.

use futures::future::BoxFuture;
use kernel::{Endpoint, RawRequest, RawResponse, Registry, Result, get, params};
use tlog::{Tile, TileKind};

/// Leaves under one hash of a tile are 256 to the power of its level; one level of tiles is 8 levels of the tree.
const TILE_LEVELS: u8 = 8;
const WIDTH: i64 = 256;

pub fn install(registry: &mut Registry) {
    registry.add(Endpoint {
        route: get("/log/checkpoint"),
        summary: "The signed head of the log (C2SP tlog-checkpoint)",
        answer: checkpoint,
    });
    registry.add(Endpoint {
        route: get("/log/tile/{*path}"),
        summary: "Hash tiles of the log (C2SP tlog-tiles)",
        answer: tile,
    });
}

fn checkpoint(request: RawRequest) -> BoxFuture<'static, RawResponse> {
    Box::pin(async move {
        let newest = async {
            let mut tx = request.app.db().read().await?;
            let sql = "SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1";
            let note: Option<String> = tx.one(sql, &[], |row| row.get("note")).await?;
            tx.rollback().await?;
            Ok(note)
        };
        answer(newest.await.map(|note: Option<String>| note.map(String::into_bytes)), "text/plain; charset=utf-8")
    })
}

fn tile(request: RawRequest) -> BoxFuture<'static, RawResponse> {
    Box::pin(async move {
        let path = format!("tile/{}", request.params.get("path").map(String::as_str).unwrap_or_default());
        let Ok(tile) = path.parse::<Tile>() else { return missing() };
        answer(hashes(&request, &tile).await, "application/octet-stream")
    })
}

/// The hashes of a tile, if the log has grown that far.
async fn hashes(request: &RawRequest, tile: &Tile) -> Result<Option<Vec<u8>>> {
    let TileKind::Hashes { level } = tile.kind() else { return Ok(None) };
    let from = i64::try_from(tile.index()).unwrap_or(i64::MAX / WIDTH).saturating_mul(WIDTH);
    let width = i64::from(tile.width());
    let mut tx = request.app.db().read().await?;
    let found: Vec<Vec<u8>> = if level == 0 {
        let sql = "SELECT hash FROM log_leaf WHERE position >= $1 AND position < $2 ORDER BY position";
        tx.all(sql, params![from, from + width], |row| row.get("hash")).await?
    } else {
        let sql = "SELECT hash FROM log_node WHERE level = $1 AND position >= $2 AND position < $3 ORDER BY position";
        tx.all(sql, params![i64::from(level * TILE_LEVELS), from, from + width], |row| row.get("hash")).await?
    };
    tx.rollback().await?;
    Ok((found.len() as i64 == width).then(|| found.concat()))
}

fn answer(found: Result<Option<Vec<u8>>>, content_type: &'static str) -> RawResponse {
    match found {
        Ok(Some(body)) => RawResponse { status: 200, headers: vec![("content-type", content_type.to_owned())], body },
        Ok(None) => missing(),
        Err(error) => {
            tracing::error!(%error, "a tile could not be read");
            RawResponse { status: 500, ..RawResponse::default() }
        }
    }
}

fn missing() -> RawResponse {
    let body = b"the log has no such tile (yet)\n".to_vec();
    RawResponse { status: 404, headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())], body }
}

//! What the page loads, and whether the server is well.

use std::fs;

use crate::support::{Server, Setup, Visitor};

/// A site folder as the release build leaves one, with the files that matter.
fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pkg")).unwrap();
    for (name, content) in [
        ("pkg/madang.aB-_.js", "the script".as_bytes()),
        ("pkg/madang.aB-_.js.br", b"the script in brotli"),
        ("pkg/madang.aB-_.js.gz", b"the script in gzip"),
        ("pkg/madang.cD.wasm", b"\0asm"),
        ("pkg/madang.eF.css", b"body {}"),
        ("favicon.svg", b"<svg/>"),
        ("hash.txt", b"js: aB-_\nwasm: cD\ncss: eF\n"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

async fn serve(site: &tempfile::TempDir) -> Server {
    Setup::new()
        .with(&["--site-dir", site.path().to_str().unwrap()])
        .start()
        .await
}

#[tokio::test]
async fn files_with_hashed_names_are_precompressed_and_kept_for_ever() {
    let site = site();
    let server = serve(&site).await;
    let visitor = Visitor::new(&server);
    for (accepted, encoding, body) in [
        ("br, gzip", Some("br"), "the script in brotli"),
        ("gzip", Some("gzip"), "the script in gzip"),
        ("identity", None, "the script"),
    ] {
        let file = visitor
            .request(
                "GET",
                "/pkg/madang.aB-_.js",
                &[("Accept-Encoding", accepted)],
                b"",
            )
            .await;
        assert_eq!((file.status, file.header("content-encoding")), (200, encoding));
        assert_eq!(file.text(), body);
        assert_eq!(
            file.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        assert!(
            file.header("content-type")
                .is_some_and(|kind| kind.starts_with("text/javascript"))
        );
        assert!(
            file.header("vary")
                .is_some_and(|vary| vary.contains("accept-encoding")),
            "caches are told"
        );
    }
    let wasm = visitor.get("/pkg/madang.cD.wasm").await;
    assert_eq!(wasm.header("content-type"), Some("application/wasm"));
    let icon = visitor.get("/favicon.svg").await;
    assert_eq!(icon.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
}

#[tokio::test]
async fn the_page_names_the_files_there_are() {
    let site = site();
    let server = serve(&site).await;
    let page = Visitor::new(&server).get("/").await;
    for name in ["/pkg/madang.aB-_.js", "/pkg/madang.cD.wasm", "/pkg/madang.eF.css"] {
        assert!(page.text().contains(name), "{name}");
    }
}

#[tokio::test]
async fn what_is_large_is_asked_for_with_the_headers_and_styles_stand_in_a_first_page() {
    let site = site();
    let server = serve(&site).await;
    let visitor = Visitor::new(&server);
    let first = visitor.get("/").await;
    let wasm =
        "</pkg/madang.cD.wasm>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin=anonymous";
    assert_eq!(first.header("link"), Some(wasm));
    assert!(first.text().contains("body {}</style>") && !first.text().contains("rel=\"stylesheet\""));
    let policy = first.header("content-security-policy").unwrap();
    assert!(policy.contains("style-src 'self' 'nonce-"), "{policy}");

    let visitor = Visitor::known(&server).await;
    let next = visitor.get("/").await;
    let css = "</pkg/madang.eF.css>; rel=preload; as=style";
    assert_eq!(next.header("link"), Some(&*format!("{css}, {wasm}")));
    assert!(!next.text().contains("<style") && next.text().contains("rel=\"stylesheet\""));
}

#[tokio::test]
async fn styles_that_would_end_their_element_stay_out_of_the_page() {
    let site = site();
    fs::write(site.path().join("pkg/madang.eF.css"), "</style><script>").unwrap();
    let server = serve(&site).await;
    let page = Visitor::new(&server).get("/").await;
    assert!(page.text().contains("rel=\"stylesheet\"") && !page.text().contains("<style"));
}

#[tokio::test]
async fn without_a_file_that_every_page_loads_it_says_so_and_does_not_start() {
    for missing in [
        "pkg/madang.cD.wasm",
        "pkg/madang.aB-_.js",
        "pkg/madang.eF.css",
        "hash.txt",
    ] {
        let site = site();
        fs::remove_file(site.path().join(missing)).unwrap();
        let setup = Setup::new().with(&["--site-dir", site.path().to_str().unwrap()]);
        let data_dir = setup.data_dir();
        let (status, log) = setup.fail().await;
        assert_eq!(status.code(), Some(1), "{missing}");
        let [line] = log.as_slice() else {
            panic!("one sentence: {log:?}");
        };
        for part in ["is missing", "/pkg/madang.", "cargo xtask run", "--site-dir"] {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert!(
            !data_dir.exists(),
            "nothing is made by a server that does not start"
        );
    }
}

#[tokio::test]
async fn files_whose_names_stay_are_asked_for_again() {
    let server = Server::start().await;
    let script = Visitor::new(&server).get("/pkg/madang.js").await;
    assert_eq!(
        (script.status, script.header("cache-control")),
        (200, Some("no-cache"))
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_and_one_outside_are_not_found_and_not_kept() {
    let site = site();
    fs::write(site.path().parent().unwrap().join("outside.txt"), "secret").unwrap();
    let server = serve(&site).await;
    let visitor = Visitor::new(&server);
    for path in [
        "/pkg/madang.old.js",
        "/pkg",
        "/pkg/",
        "/../outside.txt",
        "/%2e%2e%2foutside.txt",
        "/..%2foutside.txt",
    ] {
        let refused = visitor.get(path).await;
        refused.assert_refused(404, "notFound");
        assert_eq!(refused.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_server_that_runs_is_well_and_ready() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(visitor.get(path).await.status, 200);
    }
}

#[tokio::test]
async fn a_path_that_no_file_can_have_is_not_found() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    for path in [
        format!("/{}", "a".repeat(300)),
        format!("/pkg/{}", "a".repeat(300)),
        format!("/{}", "%EA%B0%80".repeat(100)),
        format!("/{}", "a/".repeat(3_000)),
        "/pkg/a%00b".to_owned(),
        "/pkg/madang.js/more".to_owned(),
    ] {
        visitor.get(&path).await.assert_refused(404, "notFound");
    }
}

#[tokio::test]
async fn a_range_that_makes_no_sense_is_passed_over_and_one_beyond_the_file_is_told_its_length() {
    let site = site();
    let server = serve(&site).await;
    let visitor = Visitor::new(&server);
    for (range, status, body) in [
        ("bytes=0-2", 206, "the"),
        ("bytes=-6", 206, "script"),
        ("bytes=4-", 206, "script"),
        ("bytes=7-3", 200, "the script"),
        ("lines=1-2", 200, "the script"),
        ("bytes=0-1,3-4", 200, "the script"),
        ("nonsense", 200, "the script"),
        ("bytes=99-", 416, ""),
    ] {
        let answer = visitor
            .request("GET", "/pkg/madang.aB-_.js", &[("Range", range)], b"")
            .await;
        assert_eq!((answer.status, answer.text()), (status, body), "{range}");
        if status == 416 {
            assert_eq!(answer.header("content-range"), Some("bytes */10"));
        }
    }
    let headers = [("Range", "bytes=0-2"), ("If-Range", "\"an older one\"")];
    let answer = visitor.request("GET", "/pkg/madang.aB-_.js", &headers, b"").await;
    assert_eq!((answer.status, answer.text()), (200, "the script"));
}

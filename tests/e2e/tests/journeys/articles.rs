//! The three articles that lie beside the checkout: published in the browser, read without scripts.

use std::collections::BTreeMap;
use std::path::Path;

use streamly_e2e::browser::{Browser, Look};
use streamly_e2e::server::Server;

use super::{TEXT, assert_picture, open_panel, publish, stage, uploaded, write};

#[test]
fn the_three_articles_are_published_and_read_back() {
    let Some(folder) = streamly_e2e::fixtures("markdown/articles") else { return };
    let Some((browser, server, _site)) = stage(&["writer"]) else { return };
    let Some(reader) = Browser::start(Look::PHONE.without_scripts()).unwrap() else { return };
    browser.log_in(&server, "writer").unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    files.sort();
    assert_eq!(files.len(), 3);
    for file in files {
        publish_and_read(&browser, &reader, &server, &file);
    }
}

fn publish_and_read(browser: &Browser, reader: &Browser, server: &Server, file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let (head, body) = text.trim_start_matches("---\n").split_once("\n---\n").unwrap();
    let of = |name: &str| {
        let value = head.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        value.trim().trim_matches('"').to_owned()
    };
    let (title, description) = (of("title:"), of("description:"));
    let tags = of("tags:").replace(['[', ']'], "");

    write(browser, server, &title, "");
    let mut body = body.to_owned();
    for (place, picture) in pictures(&body, file) {
        browser.paste(TEXT, "").unwrap();
        browser.drop_file("main .sheet", &picture, "image/jpeg").unwrap();
        let markdown = uploaded(browser);
        let (_, url) = markdown.split_once("](").unwrap();
        body = body.replace(&place, &format!("({} ", url.trim_end_matches(')')));
    }
    browser.paste(TEXT, &body).unwrap();
    open_panel(browser);
    browser.fill("main [name=tags]", &tags).unwrap();
    browser.fill("main [name=meta_description]", &description).unwrap();
    let category = "const field = document.querySelector('main [name=category_id]');
        const option = [...field.options].find((one) => one.text === arguments[0]);
        if (option) { field.value = option.value; field.dispatchEvent(new Event('change', {bubbles: true})) }
        return Boolean(option)";
    assert_eq!(browser.script(category, &[of("category:").into()]).unwrap(), true, "{head}");
    let post = publish(browser);
    browser.assert_clean().unwrap();

    reader.goto(&server.url(&post)).unwrap();
    assert_eq!(reader.text("h1").unwrap(), title);
    let read = reader.script("return document.querySelector('.prose').textContent", &[]).unwrap();
    let (written, read) = (words(&plain(&body)), words(read.as_str().unwrap()));
    let lost: Vec<_> = written
        .iter()
        .filter(|(word, count)| read.get(*word).is_none_or(|read| read < *count))
        .collect();
    assert!(lost.is_empty(), "lost from {title}: {lost:?}");
    for tag in tags.split(", ") {
        assert!(reader.text("article.post").unwrap().contains(tag), "the tag {tag} of {title}");
    }
    if body.contains("](/media/") {
        assert_picture(reader, ".prose img[src^='/media/']");
    }
    assert_eq!(reader.overflow().unwrap(), "", "{title} is too wide");
    reader.assert_clean().unwrap();
}

/// The pictures that lie beside an article: `(name ` as it stands in the text, and the file.
fn pictures(body: &str, article: &Path) -> Vec<(String, std::path::PathBuf)> {
    let names = body.split("](").skip(1).filter_map(|rest| rest.split([' ', ')']).next());
    names
        .map(|name| (format!("({name} "), article.with_file_name(name)))
        .filter(|(_, file)| file.is_file())
        .collect()
}

/// Markdown without what readers do not see: addresses, labels of footnotes, languages of code.
fn plain(body: &str) -> String {
    let mut text = String::new();
    for line in body.lines() {
        let line = line
            .trim_start()
            .trim_start_matches(|mark: char| mark.is_ascii_digit() || "-+.".contains(mark));
        let line = line.trim_start().trim_start_matches("[x]");
        if line.starts_with("```") || line.starts_with("![") || line.starts_with("> [!") {
            continue;
        }
        for (number, part) in line.split("](").enumerate() {
            text.push_str(if number == 0 {
                part
            } else {
                part.split_once(')').unwrap_or(("", "")).1
            });
            text.push(' ');
        }
        text.push('\n');
    }
    let mut without_notes = String::new();
    for (number, part) in text.split("[^").enumerate() {
        without_notes.push_str(if number == 0 {
            part
        } else {
            part.split_once(']').unwrap_or(("", "")).1
        });
    }
    without_notes
}

/// How often each word stands in a text.
fn words(text: &str) -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    let text = text.replace(['*', '_', '~', '`'], "").replace("&#x301;", "\u{301}");
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
    {
        *words.entry(word.to_owned()).or_default() += 1;
    }
    words
}

use crate::slugify;

#[test]
fn titles_become_slugs_people_can_read() {
    for (title, slug) in [
        ("Crème brûlée à l’ancienne", "creme-brulee-a-l-ancienne"),
        ("Żółć", "zolc"),
        ("Zażółć gęślą jaźń", "zazolc-gesla-jazn"),
        ("Xin chào thế giới, Đà Nẵng", "xin-chao-the-gioi-da-nang"),
        ("Größe & Maß in Übersee", "grosse-mass-in-ubersee"),
        ("Ξεσκεπάζω τὴν ψυχοφθόρα", "xeskepazo-ten-psukhophthora"),
        ("Съешь ещё этих булок", "sesh-eshchio-etikh-bulok"),
        ("Щастя", "shchastia"),
        ("العربية تُكتب", "العربية-تُكتب"),
        ("שלום, עולם!", "שלום-עולם"),
        ("吾輩は猫である。名前はまだ無い", "吾輩は猫である-名前はまだ無い"),
        ("你好，世界", "你好-世界"),
        ("안녕하세요 세계", "안녕하세요-세계"),
        ("ऋषियों को सताने", "ऋषियों-को-सताने"),
        ("เป็นมนุษย์สุดประเสริฐ", "เป็นมนุษย์สุดประเสริฐ"),
        ("Rust 1.95 — what’s new?", "rust-1-95-what-s-new"),
        ("  --Hello--  World  ", "hello-world"),
        ("ＦＵＬＬ ｗｉｄｔｈ ﬁsh", "full-width-fish"),
        ("soft\u{AD}hy\u{200B}phen", "softhyphen"),
        ("İstanbul", "istanbul"),
        ("2026", "post-2026"),
        ("٢٠٢٦", "post-٢٠٢٦"),
        ("2026-27", "2026-27"),
        ("", "post"),
        ("👨‍👩‍👧‍👦 🇺🇦", "post"),
        ("\"><svg onload=alert(1)>", "svg-onload-alert-1"),
        ("../../etc/passwd", "etc-passwd"),
    ] {
        assert_eq!(slugify(title), slug, "{title}");
    }
}

#[test]
fn long_titles_are_cut_at_a_word_or_a_letter() {
    let slug = slugify(&"many words ".repeat(100));
    assert!(slug.len() < 200 && slug.len() > 180, "{}", slug.len());
    assert!(slug.ends_with("-many") || slug.ends_with("-words"), "{slug}");
    let one = slugify(&"a".repeat(1000));
    assert_eq!(one.len(), 199);
    let thai = slugify(&"น้ำ".repeat(100));
    assert!(thai.len() < 200 && thai.len() > 180);
    assert!("น้ำ".repeat(100).starts_with(&thai));
    let marks = slugify(&format!("अ{}", "\u{93c}".repeat(500)));
    assert!(!marks.is_empty() && marks.len() < 200);
    assert_eq!(slugify(&"1".repeat(500)).len(), 199);
}

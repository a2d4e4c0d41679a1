/* SPDX-License-Identifier: MIT */
/* detector/secret.c: what is masked of arguments, and what is kept. */
#include "detector/secret.h"

#include <criterion/criterion.h>

static char bytes[512];

static const char *masked(const char *string)
{
    struct ol_text text = OL_TEXT(bytes);
    ol_secret_add(&text, string);
    return bytes;
}

static const char *named(const char *string, bool path)
{
    struct ol_text text = OL_TEXT(bytes);
    ol_secret_add_name(&text, string, path);
    return bytes;
}

static const char *command_of(const char *const *words)
{
    struct ol_text text = OL_TEXT(bytes);
    struct ol_secret_command command = {0};
    for (; *words; words++) {
        char word[200];
        struct ol_text one = OL_TEXT(word);
        if (ol_secret_add_word(&command, &one, *words)) {
            ol_text_add(&text, text.length ? "|" : "");
            ol_text_add(&text, word);
        }
    }
    return bytes;
}

#define COMMAND(...) command_of((const char *const[]){__VA_ARGS__, NULL})
#define SAME(string) cr_assert_str_eq(masked(string), string)

Test(secret, who_logs_in_by_a_url_is_masked)
{
    cr_assert_str_eq(masked("https://user:pw@host:8080/path"), "https://***@host:8080/path");
    cr_assert_str_eq(masked("git clone https://TOKEN@host/a.git"),
                     "git clone https://***@host/a.git");
    cr_assert_str_eq(masked("postgresql+psycopg2://u:p@h/db"), "postgresql+psycopg2://***@h/db");
    cr_assert_str_eq(masked("redis://:pw@h:6379/0"), "redis://***@h:6379/0");
    cr_assert_str_eq(masked("amqp://u:p@ss@h//v"), "amqp://***@h//v", "an @ that is not escaped");
    cr_assert_str_eq(masked("mysql://u:a/b?c#d@h/db"), "mysql://***@h/db", "nor are these");
    cr_assert_str_eq(masked("a=http://u:p@h b=ftp://v:q@i"), "a=http://***@h b=ftp://***@i");
}

Test(secret, urls_without_secrets_stay)
{
    SAME("https://host:8080/path?a=b#c");
    SAME("http://host/@user/page");
    SAME("http://host:80/a@b");
    SAME("http://[::1]:80/a@b");
    SAME("unix:/run/a.sock");
}

Test(secret, values_of_words_that_say_so_are_masked)
{
    cr_assert_str_eq(masked("host=h password=geheim user=u"), "host=h password=*** user=u");
    cr_assert_str_eq(masked("password = 'a b\\' c' user=u"), "password = '***' user=u");
    cr_assert_str_eq(masked("Server=s;Uid=u;Pwd={a;b};Db=d"), "Server=s;Uid=u;Pwd={***};Db=d");
    cr_assert_str_eq(masked("https://h/?access_token=abc&x=1"), "https://h/?access_token=***&x=1");
    cr_assert_str_eq(masked("{\"password\": \"a\", \"b\": 1}"),
                     "{\"password\": \"***\", \"b\": 1}");
    cr_assert_str_eq(masked("{\"api-key\":\"a\"}"), "{\"api-key\":\"***\"}");
    cr_assert_str_eq(masked("AWS_SECRET_ACCESS_KEY=a PGPASSWORD=b run"),
                     "AWS_SECRET_ACCESS_KEY=*** PGPASSWORD=*** run");
    cr_assert_str_eq(masked("db_pass=x --pass=y"), "db_pass=*** --pass=***");
    cr_assert_str_eq(masked("token: abc"), "token: ***");
    cr_assert_str_eq(masked("passwd=a\\ b c"), "passwd=*** c");
    cr_assert_str_eq(masked("PASSWORD="), "PASSWORD=");
}

Test(secret, headers_are_masked_to_their_end)
{
    cr_assert_str_eq(masked("curl -H \"Authorization: Basic YTpi\" h"),
                     "curl -H \"Authorization: ***\" h");
    cr_assert_str_eq(masked("Cookie: a=b; c=d"), "Cookie: ***");
    cr_assert_str_eq(masked("X-Api-Key: abc"), "X-Api-Key: ***");
    cr_assert_str_eq(masked("send bearer abc.def now"), "send bearer *** now");
}

Test(secret, words_that_only_look_like_it_stay)
{
    SAME("/etc/passwd");
    SAME("/run/secrets/db_password");
    SAME("--password-file=/run/secret.txt");
    SAME("max_tokens=100 tokenizer=bert bypass=1 compass: x");
    SAME("repository/token:latest");
    SAME("secret://vault/path");
    SAME("Password: ");
    SAME("git@github.com:a/b.git");
    SAME("image:tag@sha256:0123");
    SAME("/dev/disk/by-path/pci-0000:00@1");
    SAME("127.0.0.1:80");
    SAME("[::1]:80");
    SAME("");
}

Test(secret, a_login_without_a_scheme_is_masked)
{
    cr_assert_str_eq(masked("user:pass@tcp(db:3306)/name"), "user:***@tcp(db:3306)/name");
    cr_assert_str_eq(masked("ftp admin:a@b@host"), "ftp admin:***@host");
}

Test(secret, options_in_a_command_line_mask_the_next_word)
{
    cr_assert_str_eq(masked("prog --password geheim -v"), "prog --password *** -v");
    cr_assert_str_eq(masked("prog --token 'a b' -v"), "prog --token '***' -v");
    cr_assert_str_eq(masked("prog --password --verbose x"), "prog --password --verbose x");
    cr_assert_str_eq(masked("mysql -u root -pgeheim db"), "mysql -u root -p*** db");
    cr_assert_str_eq(masked("sudo /usr/bin/mysqldump -pgeheim | gzip"),
                     "sudo /usr/bin/mysqldump -p*** | gzip");
    cr_assert_str_eq(masked("sshpass -p geheim ssh -p22 h"), "sshpass -p *** ssh -p22 h");
    cr_assert_str_eq(masked("mysql -p db; ssh -p22 h"), "mysql -p db; ssh -p22 h");
    cr_assert_str_eq(masked("curl -u me:geheim h && tar -uf a:b"),
                     "curl -u me:*** h && tar -uf a:b");
    SAME("ssh -p22 host");
    SAME("mkdir -p/tmp/x");
}

Test(secret, so_do_words_of_a_command)
{
    cr_assert_str_eq(COMMAND("p", "--password", "a b", "c"), "p|--password|***|c");
    cr_assert_str_eq(COMMAND("p", "--password=a b;c&d", "c"), "p|--password=***|c");
    cr_assert_str_eq(COMMAND("p", "--password", "--verbose"), "p|--password|--verbose");
    cr_assert_str_eq(COMMAND("/usr/bin/mysql", "-pa b"), "/usr/bin/mysql|-p***");
    cr_assert_str_eq(COMMAND("redis-cli", "-a", "x", "get"), "redis-cli|-a|***|get");
    cr_assert_str_eq(COMMAND("curl", "-H", "Authorization: Bearer x y"),
                     "curl|-H|Authorization: ***");
    cr_assert_str_eq(COMMAND("curl", "--user", "me:x"), "curl|--user|me:***");
    cr_assert_str_eq(COMMAND("sh", "-c", "mysql -px | cat"), "sh|-c|mysql -p*** | cat");
    cr_assert_str_eq(COMMAND("sh", "-c", "PGPASSWORD=x psql db"), "sh|-c|PGPASSWORD=*** psql db");
    cr_assert_str_eq(COMMAND("psql", "host=h password=x dbname=d"),
                     "psql|host=h password=*** dbname=d");
    cr_assert_str_eq(COMMAND("ssh", "-p22", "user@host"), "ssh|-p22|user@host");
    cr_assert_str_eq(COMMAND("p", "", "--pass", ""), "p||--pass|");
}

Test(secret, what_is_masked_stays_as_it_is)
{
    SAME("https://***@h/?token=*** --password *** mysql -p*** a:***@h");
}

Test(secret, names_of_paths_urls_and_commands)
{
    cr_assert_str_eq(named("/home/user/customer.db", true), "customer.db");
    cr_assert_str_eq(named("relative", true), "relative");
    cr_assert_str_eq(named("https://u:p@host:8080/a/b?c", false), "https://host:8080");
    cr_assert_str_eq(named("http://host", true), "http://host");
    cr_assert_str_eq(named("/usr/bin/git push /home/me/x", false), "git");
    cr_assert_str_eq(named("host=db port=1 password=x", false), "db");
    cr_assert_str_eq(named("password=x", false), "");
    cr_assert_str_eq(named("", true), "");
}

Test(secret, of_a_command_the_names_are_its_first_word)
{
    ol_secret_keep(OL_SECRET_names);
    cr_assert_str_eq(COMMAND("/usr/bin/git", "push", "/home/me"), "git");
}

Test(secret, with_none_nothing_is_kept_of_a_command)
{
    ol_secret_keep(OL_SECRET_none);
    bytes[0] = '\0';
    cr_assert_str_eq(COMMAND("/usr/bin/git", "push"), "");
}

Test(secret, any_bytes_are_read_without_going_beyond_them)
{
    static const char parts[] = "@:/=\"'{}\\ -.;|&(`password=token--passbearer://mysql -pcurl -u ";
    unsigned random = 1;
    for (int i = 0; i < 20000; i++) {
        char string[64];
        size_t length = 0;
        while (length < 40) {
            random = random * 1103515245 + 12345;
            string[length++] = parts[(random >> 16) % (sizeof parts - 1)];
        }
        string[length] = '\0';
        masked(string);
        named(string, i & 1);
        COMMAND("mysql", string, string + 20, string);
    }
}

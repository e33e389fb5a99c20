using Bet.Engine.Artifacts;

namespace Bet.Engine.Reports;

/// <summary>A page that needs nothing beside it: one style for all of ours, for screens of any width and for paper.</summary>
internal static class HtmlPage
{
    private const string Style =
        """
        :root{color-scheme:light}
        body{font:16px/1.5 system-ui,sans-serif;color:#1d2733;background:#fff;max-width:46rem;margin:0 auto;padding:1.2rem}
        h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0}h2{font-size:1.15rem;margin:2.2rem 0 .4rem;border-bottom:1px solid #d5dce4;padding-bottom:.2rem}
        p{margin:.5rem 0}.lead{font-size:1.1rem}.quiet{color:#55616f;font-size:.9rem}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
        th,td{text-align:right;padding:.3rem .5rem;border-bottom:1px solid #e4e9ee;white-space:nowrap}th{font-weight:600;color:#55616f}
        th:first-child,td:first-child{text-align:left}tr.found td{font-weight:600;background:#eef5fc}
        svg{display:block;width:100%;height:auto;margin:.4rem 0}svg text{font:12px system-ui,sans-serif;fill:#55616f}svg .name{fill:#1d2733}
        .grid{stroke:#e4e9ee}.users{stroke:#1f6fb4;fill:none;stroke-width:2.5}.items{stroke:#c9661c;fill:none;stroke-width:2.5}
        .curve{stroke:#1f6fb4;fill:none;stroke-width:2}.best{stroke:#7a8694;fill:none;stroke-width:1.5;stroke-dasharray:5 4}.level{stroke:#7a8694;stroke-dasharray:2 4}
        .whisker{stroke:#1d2733;stroke-width:2}.other{fill:#8b98a7}.chosen{fill:#1f6fb4}.beginning{fill:#8b98a7}.winner{fill:#c9661c}
        .key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .35em 0 0;vertical-align:-.05em}.pair{white-space:nowrap;margin-right:.8em}
        .bar{display:flex;height:1.6rem;border-radius:4px;overflow:hidden;margin:.5rem 0}.bar span{display:block}
        details{margin:.6rem 0}summary{cursor:pointer;color:#1f6fb4}pre{white-space:pre-wrap;font-size:.8rem;background:#f5f7f9;padding:.8rem}
        @media(max-width:560px){svg text{font-size:19px}svg .side{display:none}td:first-child{white-space:normal}}
        @media print{body{max-width:none;font-size:11pt;padding:0}h2{break-after:avoid}svg,table{break-inside:avoid}details{display:none}.bar span{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """;

    /// <summary>Writes the page, UTF-8: its parts one after the other, those left out that are empty.</summary>
    public static void Write(Stream stream, string title, IEnumerable<string> parts)
    {
        using var writer = TextFile.Writer(stream);
        writer.Write($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{SvgChart.Escape(title)}</title><style>\n{Style}\n</style></head><body>\n");
        foreach (string part in parts.Where(part => part.Length > 0))
        {
            writer.Write(part);
            writer.Write('\n');
        }

        writer.Write("</body></html>\n");
    }
}

using System.Globalization;
using System.Net;
using System.Text;

namespace Bet.Engine.Reports;

/// <summary>A scale of a chart's axis.</summary>
/// <param name="Least">What lies at its beginning.</param>
/// <param name="Most">What lies at its end; above <paramref name="Least"/>.</param>
/// <param name="IsLogarithmic">Whether equal distances are equal ratios.</param>
internal readonly record struct AxisScale(double Least, double Most, bool IsLogarithmic = false)
{
    /// <summary>A scale around values, with some air; not empty where they are all alike.</summary>
    public static AxisScale Around(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            return new AxisScale(0, 1);
        double least = values.Min(), most = values.Max();
        double air = Math.Max(0.06 * (most - least), Math.Max(1e-9, 0.01 * Math.Abs(most)));
        return new AxisScale(least - air, most + air);
    }

    /// <summary>A logarithmic scale around positive values, with some air.</summary>
    public static AxisScale AroundRatios(IReadOnlyCollection<double> values)
    {
        double least = values.Min(), most = values.Max();
        double air = Math.Max(1.15, Math.Pow(most / least, 0.08));
        return new AxisScale(least / air, most * air, IsLogarithmic: true);
    }

    /// <summary>Where a value lies, 0 to 1.</summary>
    public double Place(double value) => IsLogarithmic
        ? Math.Log(value / Least) / Math.Log(Most / Least)
        : (value - Least) / (Most - Least);

    /// <summary>
    /// Round values to write at the axis: about five steps of 1, 2 or 5; on a logarithmic one powers of ten, or where it
    /// spans less than two of them those times 1, 2 and 5, unless even of these there are fewer than three.
    /// </summary>
    public IEnumerable<double> Ticks()
    {
        if (!IsLogarithmic)
            return EvenTicks();
        if (Most >= 100 * Least)
            return Powers([1]);
        double[] ticks = [.. Powers([1, 2, 5])];
        return ticks.Length >= 3 ? ticks : EvenTicks();
    }

    private IEnumerable<double> Powers(double[] leading)
    {
        var (least, most) = (Least * 0.9999999, Most * 1.0000001);
        for (double power = Math.Pow(10, Math.Floor(Math.Log10(Least))); power <= most; power *= 10)
        {
            foreach (double tick in leading.Select(digit => digit * power).Where(tick => tick >= least && tick <= most))
                yield return tick;
        }
    }

    private IEnumerable<double> EvenTicks()
    {
        double raw = (Most - Least) / 5;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        for (double n = Math.Ceiling(Least / step); n * step <= Most + (step * 1e-9); n++)
            yield return n * step;
    }
}

/// <summary>
/// Draws one chart as SVG that is as wide as its place and prints as it looks: axes, and points, lines, bars and whiskers
/// on top in the order in which they are added. The same calls give the same text.
/// </summary>
internal sealed class SvgChart
{
    private const double Width = 640;
    private const double Left = 66;
    private const double Right = 14;
    private const double Top = 12;
    private const double Bottom = 44;

    private readonly StringBuilder svg = new();
    private readonly AxisScale x;
    private readonly AxisScale y;
    private readonly double height;

    /// <param name="title">What it shows, for those who do not see it.</param>
    /// <param name="x">Its horizontal axis.</param>
    /// <param name="xName">What it counts.</param>
    /// <param name="y">Its vertical axis.</param>
    /// <param name="yName">What it counts; empty where places along it have no meaning.</param>
    /// <param name="height">In units of which it is 640 wide.</param>
    public SvgChart(string title, AxisScale x, string xName, AxisScale y, string yName, double height = 300)
    {
        (this.x, this.y, this.height) = (x, y, height);
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Escape(title)}\">"));
        foreach (double tick in x.Ticks())
        {
            double at = Across(tick);
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{at:0.#}\" y1=\"{Top}\" x2=\"{at:0.#}\" y2=\"{height - Bottom}\"/>"));
            svg.Append(Invariant($"<text x=\"{at:0.#}\" y=\"{height - Bottom + 16}\" text-anchor=\"middle\">{Number(tick)}</text>"));
        }

        foreach (double tick in yName.Length == 0 ? [] : y.Ticks())
        {
            double at = Down(tick);
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{Left}\" y1=\"{at:0.#}\" x2=\"{Width - Right}\" y2=\"{at:0.#}\"/>"));
            svg.Append(Invariant($"<text x=\"{Left - 6}\" y=\"{at + 4:0.#}\" text-anchor=\"end\">{Number(tick)}</text>"));
        }

        svg.Append(Invariant($"<text x=\"{(Left + Width - Right) / 2:0.#}\" y=\"{height - 8}\" text-anchor=\"middle\" class=\"name\">{Escape(xName)}</text>"));
        svg.Append(Invariant($"<text transform=\"translate(13 {(Top + height - Bottom) / 2:0.#}) rotate(-90)\" text-anchor=\"middle\" class=\"name side\">{Escape(yName)}</text>"));
    }

    /// <summary>A dot; what it is appears when it is pointed at.</summary>
    public SvgChart Dot(double atX, double atY, string style, string what)
    {
        svg.Append(Invariant($"<circle class=\"{style}\" cx=\"{Across(atX):0.#}\" cy=\"{Down(atY):0.#}\" r=\"5\"><title>{Escape(what)}</title></circle>"));
        return this;
    }

    /// <summary>A line through points; as steps where each value holds until the next.</summary>
    public SvgChart Line(IEnumerable<(double X, double Y)> points, string style, bool steps = false)
    {
        var path = new StringBuilder();
        double? before = null;
        foreach (var (px, py) in points)
        {
            if (before is { } old && steps)
                path.Append(Invariant($" {Across(px):0.#},{Down(old):0.#}"));
            path.Append(Invariant($" {Across(px):0.#},{Down(py):0.#}"));
            before = py;
        }

        svg.Append($"<polyline class=\"{style}\" points=\"{path.ToString().TrimStart()}\"/>");
        return this;
    }

    /// <summary>Words that begin at the left, just above a value.</summary>
    public SvgChart Label(double atY, string text)
    {
        svg.Append(Invariant($"<text x=\"{Left - 58}\" y=\"{Down(atY) - 13:0.#}\" class=\"name\">{Escape(text)}</text>"));
        return this;
    }

    /// <summary>Words that begin at a place, just above it.</summary>
    public SvgChart Words(double atX, double atY, string text)
    {
        svg.Append(Invariant($"<text x=\"{Across(atX) + 4:0.#}\" y=\"{Down(atY) - 6:0.#}\">{Escape(text)}</text>"));
        return this;
    }

    /// <summary>A straight line from one place to another, in the axes' values.</summary>
    public SvgChart Segment(double x1, double y1, double x2, double y2, string style)
    {
        svg.Append(Invariant($"<line class=\"{style}\" x1=\"{Across(x1):0.#}\" y1=\"{Down(y1):0.#}\" x2=\"{Across(x2):0.#}\" y2=\"{Down(y2):0.#}\"/>"));
        return this;
    }

    public override string ToString() => $"{svg}</svg>";

    /// <summary>Text that may stand anywhere in a page.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Text in which numbers are written alike everywhere.</summary>
    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => Math.Abs(value) >= 1000
        ? value.ToString("#,0", CultureInfo.InvariantCulture)
        : Math.Round(value, 6).ToString("0.######", CultureInfo.InvariantCulture);

    private double Across(double value) => Left + (x.Place(value) * (Width - Left - Right));

    private double Down(double value) => height - Bottom - (y.Place(value) * (height - Top - Bottom));
}

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// A matrix as the packing sees it: some lanes (rows of A, columns of B) by some depth (what the product sums over).
/// A transpose only changes which of the two is contiguous.
/// </summary>
internal readonly unsafe struct PackSource(float* values, int stride, bool lanesContiguous)
{
    /// <summary>
    /// Panels of <paramref name="panelLanes"/> lanes, each [depthCount, panelLanes], one after the other; lanes
    /// past the end are zero.
    /// </summary>
    public void Pack(int panelLanes, int firstLane, int laneCount, int firstDepth, int depthCount, float* destination)
    {
        for (int lane = 0; lane < laneCount; lane += panelLanes)
        {
            int valid = Math.Min(panelLanes, laneCount - lane);
            if (lanesContiguous)
                CopyPanel(panelLanes, firstLane + lane, valid, firstDepth, depthCount, destination);
            else
                TransposePanel(panelLanes, firstLane + lane, valid, firstDepth, depthCount, destination);
            destination += (long)panelLanes * depthCount;
        }
    }

    /// <summary>
    /// One panel from the given lane and depth on. A full one is read where it lies; one that hangs over the end is
    /// packed into <paramref name="scratch"/>, [depthCount, panelLanes].
    /// </summary>
    public Panel Panel(int panelLanes, int lane, int valid, int firstDepth, int depthCount, float* scratch)
    {
        if (valid >= panelLanes)
            return lanesContiguous
                ? new Panel(values + ((long)firstDepth * stride) + lane, 1, stride)
                : new Panel(values + ((long)lane * stride) + firstDepth, stride, 1);
        Pack(panelLanes, lane, valid, firstDepth, depthCount, scratch);
        return Cpu.Panel.Packed(scratch, panelLanes);
    }

    private void CopyPanel(int panelLanes, int lane, int valid, int firstDepth, int depthCount, float* destination)
    {
        float* source = values + ((long)firstDepth * stride) + lane;
        for (int depth = 0; depth < depthCount; depth++)
        {
            var panelRow = new Span<float>(destination, panelLanes);
            new ReadOnlySpan<float>(source, valid).CopyTo(panelRow);
            panelRow[valid..].Clear();
            source += stride;
            destination += panelLanes;
        }
    }

    private void TransposePanel(int panelLanes, int lane, int valid, int firstDepth, int depthCount, float* destination)
    {
        if (valid < panelLanes)
            new Span<float>(destination, panelLanes * depthCount).Clear();
        for (int i = 0; i < valid; i++)
        {
            float* source = values + ((long)(lane + i) * stride) + firstDepth;
            float* column = destination + i;
            for (int depth = 0; depth < depthCount; depth++)
                column[depth * panelLanes] = source[depth];
        }
    }
}
